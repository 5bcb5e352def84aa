"""``python -m hardcheck``."""

from hardcheck.cli import main

if __name__ == "__main__":
    main()
