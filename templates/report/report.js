/* Sorting and filtering of the goals, and the controls of the plot. A constant: all words and numbers are in the page,
   and whatever is written into it is written as text. */
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const SVG = document.querySelector("svg").namespaceURI;

  /* Goals: each table keeps its rows, and shows those that are asked for in the order that is asked for. */
  const goals = () => {
    const tools = document.getElementById("goal-tools");
    if (!tools) return;
    const boxes = all("input[type=checkbox]", tools), search = tools.querySelector("input[type=search]");
    const status = tools.querySelector(".status");
    const tables = all("table.goals").map((table) => ({
      table,
      by: null,
      down: false,
      rows: all("tbody", table).flatMap((body) => {
        const heading = body.querySelector("th");
        return all("tr.goal", body).map((goal) => {
          const next = goal.nextElementSibling;
          const said = next && next.classList.contains("said") ? next : null;
          const { outcome, rank, margin, tier } = goal.dataset;
          return {
            body, heading, goal, said, outcome, name: body.dataset.name, text: `${body.dataset.name} ${body.dataset.roi}`.toLowerCase(),
            rank: Number(rank), margin: margin === "" ? null : Number(margin), tier: Number(tier),
          };
        });
      }),
    }));
    const open = all("table.open tbody tr").map((row) => ({
      row, text: `${row.dataset.name} ${row.dataset.roi}`.toLowerCase(), items: all("li[data-outcome]", row),
    }));
    const total = tables.reduce((sum, t) => sum + t.rows.length, 0) + open.reduce((sum, o) => sum + o.items.length, 0);

    const compare = (by, down) => (a, b) => {
      const x = a[by], y = b[by];
      if (x === null || y === null) return (x === null) - (y === null);
      const order = typeof x === "string" ? x.localeCompare(y) : x - y;
      return down ? -order : order;
    };
    const lay = (t, rows) => {
      all("tbody", t.table).forEach((body) => body.remove());
      t.rows.forEach((row) => all("th", row.goal).forEach((heading) => heading.remove()));
      const used = new Set();
      let body = null, heading = null, before = null;
      for (const row of rows) {
        if (!before || before.body !== row.body) {
          body = row.body.cloneNode(false);
          heading = used.has(row.heading) ? row.heading.cloneNode(true) : row.heading;
          used.add(row.heading);
          heading.rowSpan = 0;
          row.goal.prepend(heading);
          t.table.append(body);
        }
        body.append(row.goal);
        if (row.said) body.append(row.said);
        heading.rowSpan = body.rows.length;
        before = row;
      }
      t.table.hidden = rows.length === 0;
    };
    /* What a heading counts: all, or those of them that are shown. */
    const count = (table, shown) => {
      const text = table.caption && table.caption.querySelector("[data-some]");
      if (!text) return;
      text.dataset.all ??= text.textContent;
      text.textContent = table.dataset.all === String(shown) ? text.dataset.all : filled(text.dataset.some, { shown });
    };
    const show = (whole) => {
      const wanted = new Set(boxes.filter((box) => whole || box.checked).map((box) => box.value));
      const part = whole ? "" : search.value.trim().toLowerCase();
      let shown = 0;
      for (const t of tables) {
        const rows = t.rows.filter((row) => wanted.has(row.outcome) && row.text.includes(part));
        if (t.by) rows.sort(compare(t.by, t.down));
        lay(t, rows);
        t.table.dataset.all = t.rows.length;
        count(t.table, rows.length);
        shown += rows.length;
      }
      for (const { row, text, items } of open) {
        let some = 0;
        for (const item of items) some += !(item.hidden = !(wanted.has(item.dataset.outcome) && text.includes(part)));
        row.hidden = some === 0;
        shown += some;
      }
      for (const table of all("table.open")) {
        const rows = all("tbody tr", table), left = rows.filter((row) => !row.hidden).length;
        table.hidden = left === 0;
        table.dataset.all = rows.length;
        count(table, left);
      }
      for (const heading of all("h3.ofopen")) heading.hidden = all("table.open").every((table) => table.hidden);
      if (whole) return;
      tools.classList.toggle("partial", shown < total);
      status.textContent = filled(shown < total ? status.dataset.some : status.dataset.all, { shown, all: total });
    };
    const sortBy = (t, by) => {
      // Once, the other way round, and back to the order of the protocol.
      if (t.by !== by) [t.by, t.down] = [by, false];
      else if (!t.down) t.down = true;
      else [t.by, t.down] = [null, false];
      for (const head of all("th[data-sort]", t.table)) {
        head.setAttribute("aria-sort", head.dataset.sort !== t.by ? "none" : t.down ? "descending" : "ascending");
      }
      show(false);
    };
    for (const t of tables) {
      for (const head of all("th[data-sort]", t.table)) {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...head.childNodes);
        button.addEventListener("click", () => sortBy(t, head.dataset.sort));
        head.append(button);
        head.setAttribute("aria-sort", "none");
      }
    }
    boxes.forEach((box) => box.addEventListener("change", () => show(false)));
    search.addEventListener("input", () => show(false));
    tools.querySelector("[data-do=all]").addEventListener("click", () => {
      boxes.forEach((box) => { box.checked = true; });
      search.value = "";
      show(false);
    });
    // A link to a goal that is not shown shows it.
    addEventListener("click", ({ target }) => {
      const link = target.closest("a[href^='#goal-']");
      const row = link && document.getElementById(link.hash.slice(1));
      if (link && (!row || row.closest("[hidden]"))) tools.querySelector("[data-do=all]").click();
    });
    // Paper is for the record: it has every goal.
    addEventListener("beforeprint", () => show(true));
    addEventListener("afterprint", () => show(false));
    tools.hidden = false;
    show(false);
  };

  /* The plot: its lines are taken from what is drawn, and drawn again for the part that is looked at. */
  const plot = () => {
    const source = document.getElementById("plot-data"), tools = document.getElementById("plot-tools");
    if (!source || !tools) return;
    const data = JSON.parse(source.textContent), reader = document.getElementById("plot-reader");
    const choice = reader.querySelector("select"), slider = reader.querySelector("input"), output = reader.querySelector("output");
    const status = tools.querySelector(".status"), keys = Object.keys(data.lines);
    const toggles = all(".dvh .toggle input"), off = new Set(), names = new Map();
    const view = { cc: false, percent: false, x: null, y: [0, 1] };
    const drawn = { bands: true, marks: true, besides: true };
    const at = { key: keys[0], index: 0 };
    const place = (text) => text.match(/-?[\d.]+/g).map(Number);

    const plots = all("svg.plot").map((svg) => {
      const frame = data.frames[svg.classList.contains("wide") ? "wide" : "narrow"];
      const gy = (x) => (x - frame.left) / (frame.right - frame.left) * frame.end;
      const percent = (y) => (frame.bottom - y) / (frame.bottom - frame.top) * 100;
      const points = (text) => {
        const numbers = place(text), found = [];
        for (let i = 0; i < numbers.length; i += 2) found.push([gy(numbers[i]), percent(numbers[i + 1])]);
        return found;
      };
      const curves = (selector) => all(selector, svg).map((path) => ({
        path, key: path.dataset.key, place: path.dataset.place, points: points(path.getAttribute("d")),
        cc: path.dataset.cc ? points(path.dataset.cc) : null, closed: path.getAttribute("d").endsWith("Z"),
      }));
      const spots = (selector) => all(selector, svg).map((group) => {
        const [x, y] = place(group.getAttribute("transform"));
        return { group, key: group.dataset.key, gy: gy(x), percent: percent(y) };
      });
      const made = (name, attributes, parent) => {
        const element = document.createElementNS(SVG, name);
        for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
        parent.append(element);
        return element;
      };
      const cursor = made("g", { class: "cursor", "aria-hidden": "true", "pointer-events": "none" }, svg);
      return {
        svg, frame, cursor, made, lines: curves(".lines path"), bands: curves(".bands path"), besides: curves(".besides path"),
        marks: spots(".marks > .mark"), tags: spots(".tags > .tag"), radius: Number(svg.querySelector(".tag circle")?.getAttribute("r") ?? 9),
        grid: svg.querySelector(".grid"), numbers: svg.querySelector(".numbers"),
        rule: made("path", { class: "rule", visibility: "hidden" }, cursor), dot: made("circle", { r: 5, visibility: "hidden" }, cursor),
        drag: made("rect", { class: "drag", visibility: "hidden" }, svg),
      };
    });

    const step = (width, most) => {
      const rough = width / most, power = 10 ** Math.floor(Math.log10(rough));
      return [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * (1 - 1e-9));
    };
    const ticks = (low, high, most) => {
      const apart = step(high - low, most), found = [];
      const digits = Math.max(0, -Math.floor(Math.log10(apart) + 1e-9));
      for (let i = Math.ceil(low / apart - 1e-9); i * apart <= high * (1 + 1e-9); i += 1) found.push([i * apart, (i * apart).toFixed(digits)]);
      return found;
    };
    const highest = () => {
      if (!view.cc) return 100;
      const most = Math.max(0, ...keys.filter((key) => !off.has(key)).map((key) => data.lines[key].volume)) || 1;
      const apart = step(most * 1.02, 5);
      return Math.ceil(most * 1.02 / apart) * apart;
    };
    const scaleOf = (key) => (view.cc ? data.lines[key].volume / 100 : 1);
    const span = (p) => view.x || [0, p.frame.end];

    /* From dose and volume to the view box; the volume in what the axis shows. */
    const mapping = (p) => {
      const [x0, x1] = span(p), { left, right, top, bottom } = p.frame, most = highest();
      const [y0, y1] = view.y.map((share) => share * most);
      return {
        x: (gy) => left + (gy - x0) / (x1 - x0) * (right - left), y: (volume) => bottom - (volume - y0) / (y1 - y0) * (bottom - top),
        gy: (x) => x0 + (x - left) / (right - left) * (x1 - x0), volume: (y) => y0 + (bottom - y) / (bottom - top) * (y1 - y0), x0, x1, y0, y1, most,
      };
    };
    const inside = (p, x, y) => x >= p.frame.left - 1 && x <= p.frame.right + 1 && y >= p.frame.top - 1 && y <= p.frame.bottom + 1;
    const show = (element, visible) => element.setAttribute("visibility", visible ? "visible" : "hidden");
    const trace = (curve, points, scale, m) => {
      curve.path.setAttribute("d", `M${points.map(([gy, v]) => `${m.x(gy).toFixed(2)} ${m.y(v * scale).toFixed(2)}`).join("L")}${curve.closed ? "Z" : ""}`);
    };
    const drawAxes = (p, m) => {
      const { left, right, top, bottom, ticks: most } = p.frame;
      const factor = view.percent ? 100 / data.reference : 1;
      const across = ticks(m.x0 * factor, m.x1 * factor, most).map(([v, text]) => [m.x(v / factor), text]);
      const up = ticks(m.y0, m.y1, 5).map(([v, text]) => [m.y(v), text]);
      p.grid.replaceChildren();
      all("text:not(.axisname)", p.numbers).forEach((text) => text.remove());
      for (const [x, text] of across) {
        p.made("path", { d: `M${x.toFixed(2)} ${top}V${bottom}` }, p.grid);
        p.made("text", { x: x.toFixed(2), y: bottom + 17, "text-anchor": "middle" }, p.numbers).textContent = text;
      }
      for (const [y, text] of up) {
        p.made("path", { d: `M${left} ${y.toFixed(2)}H${right}` }, p.grid);
        p.made("text", { x: left - 7, y: (y + 4).toFixed(2), "text-anchor": "end" }, p.numbers).textContent = text;
      }
      p.numbers.querySelector(".dose").textContent = view.percent ? output.dataset.axisPercent : output.dataset.axisGy;
      p.numbers.querySelector(".volume").textContent = view.cc ? output.dataset.axisCc : output.dataset.axisVolume;
    };
    const drawSpots = (p, m) => {
      for (const mark of p.marks) {
        const x = m.x(mark.gy), y = m.y(mark.percent * scaleOf(mark.key));
        mark.group.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)})`);
        show(mark.group, drawn.marks && !off.has(mark.key) && inside(p, x, y));
      }
      // A number keeps its place in the whole plot in percent; else it takes the first free place on its line.
      const moved = view.cc || view.x !== null, taken = [];
      const free = ([x, y]) => inside(p, x - p.radius, y) && inside(p, x + p.radius, y) && taken.every(([a, b]) => Math.hypot(a - x, b - y) > 2 * p.radius);
      for (const tag of p.tags) {
        const line = p.lines.find((each) => each.key === tag.key), scale = scaleOf(tag.key);
        const own = [m.x(tag.gy), m.y(tag.percent * scale)];
        const seen = moved ? line.points.map(([gy, v]) => [m.x(gy), m.y(v * scale)]) : [];
        const place = off.has(tag.key) ? null : moved ? [own, ...seen].find(free) : own;
        if (place) {
          taken.push(place);
          tag.group.setAttribute("transform", `translate(${place[0].toFixed(2)} ${place[1].toFixed(2)})`);
        }
        show(tag.group, Boolean(place));
      }
    };
    const draw = () => {
      for (const p of plots) {
        const m = mapping(p);
        drawAxes(p, m);
        for (const curve of p.lines) {
          trace(curve, curve.points, scaleOf(curve.key), m);
          show(curve.path, !off.has(curve.key));
        }
        for (const curve of p.bands) {
          trace(curve, view.cc && curve.cc ? curve.cc : curve.points, scaleOf(curve.key), m);
          show(curve.path, drawn.bands && !off.has(curve.key));
        }
        for (const curve of p.besides) {
          const volume = data.lines[curve.key].beside[Number(curve.place)].volume;
          if (!view.cc || volume) trace(curve, curve.points, view.cc ? volume / 100 : 1, m);
          show(curve.path, drawn.besides && !off.has(curve.key) && (!view.cc || Boolean(volume)));
        }
        drawSpots(p, m);
      }
      const shown = keys.length - off.size;
      const text = filled(shown < keys.length ? status.dataset.some : status.dataset.all, { shown, all: keys.length });
      if (status.textContent !== text) status.textContent = text;
      point();
    };

    /* What is read off: the numbers that were computed at that dose, not those of pixels. */
    const said = (columns, unit) => {
      const [low, value, high] = columns.map((column) => column[at.index]);
      if (value === null || value === undefined) return output.dataset.unknown;
      const range = low === null || high === null ? output.dataset.open : filled(output.dataset.to, { low: low.toFixed(2), high: high.toFixed(2) });
      return `${value.toFixed(2)} ${unit} (${range})`;
    };
    const dose = () => {
      const gy = at.index * data.step, digits = Math.max(0, -Math.floor(Math.log10(data.step) + 1e-9));
      const share = data.reference ? `${(100 * gy / data.reference).toFixed(1)} %` : "";
      const text = `${gy.toFixed(digits)} Gy`;
      return share ? (view.percent ? `${share} (${text})` : `${text} (${share})`) : text;
    };
    const reading = () => {
      const line = data.lines[at.key];
      const parts = [`${filled(output.dataset.at, { dose: dose() })}: ${said(line.percent, "%")}`, said(line.cc, "cc")];
      for (const beside of line.beside) {
        const value = beside.percent[at.index];
        parts.push(filled(output.dataset.beside, { value: value === null || value === undefined ? output.dataset.unknown : `${value.toFixed(2)} %` }));
      }
      return `${at.key} ${names.get(at.key)}, ${parts.join("; ")}`;
    };
    const point = () => {
      const known = at.chosen && !off.has(at.key);
      for (const p of plots) {
        for (const part of [p.rule, p.dot]) show(part, false);
        for (const curve of p.lines) curve.path.classList.toggle("strong", Boolean(known) && curve.key === at.key);
        if (!known) continue;
        const m = mapping(p), { top, bottom } = p.frame;
        const value = data.lines[at.key].percent[1][at.index];
        const x = m.x(at.index * data.step), y = m.y((value ?? 0) * scaleOf(at.key));
        p.rule.setAttribute("d", `M${x.toFixed(2)} ${top}V${bottom}`);
        show(p.rule, inside(p, x, top));
        p.dot.setAttribute("cx", x.toFixed(2));
        p.dot.setAttribute("cy", y.toFixed(2));
        show(p.dot, value !== null && value !== undefined && inside(p, x, y));
      }
      output.textContent = known ? reading() : output.dataset.start;
      slider.setAttribute("aria-valuetext", known ? reading() : dose());
    };
    const read = (key, index) => {
      const last = data.lines[key].percent[1].length - 1;
      Object.assign(at, { key, index: Math.max(0, Math.min(last, index)), chosen: true });
      choice.value = key;
      slider.max = String(last);
      slider.value = String(at.index);
      point();
    };

    const zoom = (factor, x, y) => {
      const p = plots.find((each) => each.svg.getBoundingClientRect().width > 0) || plots[0], m = mapping(p);
      const value = at.chosen ? data.lines[at.key].percent[1][at.index] : null;
      const gy = x ?? (at.chosen ? at.index * data.step : (m.x0 + m.x1) / 2);
      const volume = y ?? (value !== null && value !== undefined ? value * scaleOf(at.key) : (m.y0 + m.y1) / 2);
      around([m.x0, m.x1], [m.y0, m.y1], gy, volume, factor, p, m.most);
    };
    const around = ([x0, x1], [y0, y1], gy, volume, factor, p, most) => {
      const part = (low, high, centre, end, least) => {
        const width = Math.min(end, Math.max(end * least, (high - low) * factor));
        const share = Math.min(1, Math.max(0, (centre - low) / (high - low)));
        const from = Math.min(end - width, Math.max(0, centre - share * width));
        return [from, from + width];
      };
      look(part(x0, x1, gy, p.frame.end, 0.05), part(y0, y1, volume, most, 0.05), p, most);
    };
    const look = (x, y, p, most) => {
      const whole = x[0] <= 0 && x[1] >= p.frame.end && y[0] <= 0 && y[1] >= most;
      view.x = whole ? null : x;
      view.y = whole ? [0, 1] : y.map((v) => v / most);
      draw();
    };
    const whole = () => { [view.x, view.y] = [null, [0, 1]]; draw(); };

    for (const p of plots) {
      const spot = (event) => {
        const box = p.svg.getBoundingClientRect(), width = p.svg.viewBox.baseVal.width;
        return [(event.clientX - box.left) * width / box.width, (event.clientY - box.top) * width / box.width];
      };
      let from = null;
      p.svg.addEventListener("pointermove", (event) => {
        const [x, y] = spot(event), m = mapping(p), { left, right, top, bottom } = p.frame;
        if (from && from.pan) {
          const dx = m.gy(from.x) - m.gy(x), dy = m.volume(from.y) - m.volume(y);
          const move = (low, high, by, end) => { const shift = Math.min(end - high, Math.max(-low, by)); return [low + shift, high + shift]; };
          look(move(m.x0, m.x1, dx, p.frame.end), move(m.y0, m.y1, dy, m.most), p, m.most);
          Object.assign(from, { x, y });
          return;
        }
        if (from) {
          const inX = (v) => Math.min(right, Math.max(left, v)), inY = (v) => Math.min(bottom, Math.max(top, v));
          const [xa, xb] = [inX(from.x), inX(x)].sort((a, b) => a - b), [ya, yb] = [inY(from.y), inY(y)].sort((a, b) => a - b);
          Object.assign(from, { xa, xb, ya, yb });
          for (const [key, value] of Object.entries({ x: xa, y: ya, width: xb - xa, height: yb - ya })) p.drag.setAttribute(key, value);
          show(p.drag, true);
          return;
        }
        if (!data.step || !inside(p, x, y)) return;
        const index = Math.max(0, Math.round(m.gy(x) / data.step));
        let best = null, nearest = Infinity;
        for (const key of keys) {
          const values = data.lines[key].percent[1], value = values[Math.min(index, values.length - 1)];
          if (off.has(key) || value === null || value === undefined) continue;
          const away = Math.abs(m.y((index < values.length ? value : 0) * scaleOf(key)) - y);
          if (away < nearest) [best, nearest] = [key, away];
        }
        if (best) read(best, index);
      });
      p.svg.addEventListener("pointerdown", (event) => {
        if (event.button !== 0 || event.pointerType === "touch") return;
        const [x, y] = spot(event);
        event.preventDefault();
        p.svg.setPointerCapture(event.pointerId);
        from = { x, y, pan: event.shiftKey };
      });
      const end = () => {
        const done = from;
        from = null;
        show(p.drag, false);
        if (!done || done.pan || !(done.xb - done.xa > 6 && done.yb - done.ya > 6)) return;
        const m = mapping(p);
        look([m.gy(done.xa), m.gy(done.xb)], [m.volume(done.yb), m.volume(done.ya)], p, m.most);
      };
      p.svg.addEventListener("pointerup", end);
      p.svg.addEventListener("pointercancel", () => { from = null; show(p.drag, false); });
      p.svg.addEventListener("dblclick", whole);
      // The wheel alone scrolls the page, as everywhere.
      p.svg.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const [x, y] = spot(event), m = mapping(p);
        zoom(event.deltaY < 0 ? 0.8 : 1.25, m.gy(x), m.volume(y));
      }, { passive: false });
    }

    const turn = (key, on) => {
      if (on) off.delete(key); else off.add(key);
      const toggle = toggles.find((box) => box.dataset.key === key);
      if (toggle) toggle.checked = on;
    };
    for (const box of toggles) {
      const row = box.closest("tr"), key = box.dataset.key;
      names.set(key, row.querySelector("th bdi").textContent);
      const option = document.createElement("option");
      option.value = key;
      option.textContent = `${key} ${names.get(key)}`;
      choice.append(option);
      box.addEventListener("change", () => { turn(key, box.checked); draw(); });
      row.addEventListener("mouseenter", () => { if (!off.has(key)) read(key, at.index); });
    }
    tools.addEventListener("change", ({ target }) => {
      if (target.name === "volume") [view.cc, view.y] = [target.value === "cc", [0, 1]];
      else if (target.name === "dose") view.percent = target.value === "percent";
      else if (target.name in drawn) drawn[target.name] = target.checked;
      draw();
    });
    const does = {
      in: () => zoom(0.5), out: () => zoom(2), whole,
      all: () => { keys.forEach((key) => turn(key, true)); draw(); }, none: () => { keys.forEach((key) => turn(key, false)); draw(); },
    };
    for (const button of all("button[data-do]", tools)) button.addEventListener("click", does[button.dataset.do]);
    choice.addEventListener("change", () => { turn(choice.value, true); read(choice.value, at.index); draw(); });
    slider.addEventListener("input", () => read(at.key, Number(slider.value)));
    slider.addEventListener("focus", () => read(at.key, at.index));

    // Paper is for the record: it has the whole plot.
    let kept = null;
    addEventListener("beforeprint", () => {
      kept = { off: [...off], x: view.x, y: view.y, chosen: at.chosen, ...drawn };
      off.clear();
      Object.assign(drawn, { bands: true, marks: true, besides: true });
      at.chosen = false;
      whole();
    });
    addEventListener("afterprint", () => {
      if (!kept) return;
      kept.off.forEach((key) => off.add(key));
      [view.x, view.y, at.chosen] = [kept.x, kept.y, kept.chosen];
      Object.assign(drawn, { bands: kept.bands, marks: kept.marks, besides: kept.besides });
      draw();
    });
    tools.hidden = keys.length === 0;
    reader.hidden = keys.length === 0 || !data.step;
    for (const label of all(".dvh .toggle")) label.hidden = false;
    if (keys.length) draw();
  };

  document.documentElement.classList.add("scripted");
  goals();
  plot();
})();
