"""The DICOM elements that are read, and the classes of objects that are told apart (PS3.3, PS3.6)."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


class Tag(IntEnum):
    """An element by its DICOM keyword."""

    MediaStorageSOPClassUID = 0x00020002
    TransferSyntaxUID = 0x00020010
    SpecificCharacterSet = 0x00080005
    InstanceCreationDate = 0x00080012
    InstanceCreationTime = 0x00080013
    SOPClassUID = 0x00080016
    SOPInstanceUID = 0x00080018
    Modality = 0x00080060
    OperatorsName = 0x00081070
    ManufacturerModelName = 0x00081090
    ReferencedSOPClassUID = 0x00081150
    ReferencedSOPInstanceUID = 0x00081155
    PatientName = 0x00100010
    PatientID = 0x00100020
    PatientBirthDate = 0x00100030
    SoftwareVersions = 0x00181020
    StudyInstanceUID = 0x0020000D
    SeriesInstanceUID = 0x0020000E
    ImagePositionPatient = 0x00200032
    ImageOrientationPatient = 0x00200037
    FrameOfReferenceUID = 0x00200052
    SamplesPerPixel = 0x00280002
    NumberOfFrames = 0x00280008
    FrameIncrementPointer = 0x00280009
    Rows = 0x00280010
    Columns = 0x00280011
    PixelSpacing = 0x00280030
    BitsAllocated = 0x00280100
    BitsStored = 0x00280101
    PixelRepresentation = 0x00280103
    RescaleIntercept = 0x00281052
    RescaleSlope = 0x00281053
    DVHType = 0x30040001
    DoseUnits = 0x30040002
    DoseType = 0x30040004
    DoseComment = 0x30040006
    DoseSummationType = 0x3004000A
    GridFrameOffsetVector = 0x3004000C
    DoseGridScaling = 0x3004000E
    TissueHeterogeneityCorrection = 0x30040014
    DVHSequence = 0x30040050
    DVHDoseScaling = 0x30040052
    DVHVolumeUnits = 0x30040054
    DVHData = 0x30040058
    DVHReferencedROISequence = 0x30040060
    DVHROIContributionType = 0x30040062
    DVHMinimumDose = 0x30040070
    DVHMaximumDose = 0x30040072
    DVHMeanDose = 0x30040074
    StructureSetDate = 0x30060008
    StructureSetTime = 0x30060009
    ReferencedFrameOfReferenceSequence = 0x30060010
    RTReferencedStudySequence = 0x30060012
    RTReferencedSeriesSequence = 0x30060014
    StructureSetROISequence = 0x30060020
    ROINumber = 0x30060022
    ReferencedFrameOfReferenceUID = 0x30060024
    ROIName = 0x30060026
    ROIDisplayColor = 0x3006002A
    ROIContourSequence = 0x30060039
    ContourSequence = 0x30060040
    ContourGeometricType = 0x30060042
    ContourOffsetVector = 0x30060045
    NumberOfContourPoints = 0x30060046
    ContourData = 0x30060050
    RTROIObservationsSequence = 0x30060080
    ReferencedROINumber = 0x30060084
    RTROIInterpretedType = 0x300600A4
    ROIPhysicalPropertiesSequence = 0x300600B0
    ROIPhysicalProperty = 0x300600B2
    ROIPhysicalPropertyValue = 0x300600B4
    RTPlanLabel = 0x300A0002
    RTPlanDate = 0x300A0006
    RTPlanTime = 0x300A0007
    PlanIntent = 0x300A000A
    RTPlanGeometry = 0x300A000C
    DoseReferenceSequence = 0x300A0010
    DoseReferenceNumber = 0x300A0012
    DoseReferenceStructureType = 0x300A0014
    DoseReferenceDescription = 0x300A0016
    DoseReferenceType = 0x300A0020
    TargetMinimumDose = 0x300A0025
    TargetPrescriptionDose = 0x300A0026
    TargetMaximumDose = 0x300A0027
    OrganAtRiskLimitDose = 0x300A002B
    OrganAtRiskMaximumDose = 0x300A002C
    OrganAtRiskOverdoseVolumeFraction = 0x300A002D
    FractionGroupSequence = 0x300A0070
    FractionGroupNumber = 0x300A0071
    NumberOfFractionsPlanned = 0x300A0078
    BeamDose = 0x300A0084
    BeamMeterset = 0x300A0086
    BeamSequence = 0x300A00B0
    TreatmentMachineName = 0x300A00B2
    BeamNumber = 0x300A00C0
    BeamType = 0x300A00C4
    RadiationType = 0x300A00C6
    TreatmentDeliveryType = 0x300A00CE
    NumberOfBoli = 0x300A00ED
    ControlPointSequence = 0x300A0111
    NominalBeamEnergy = 0x300A0114
    IsocenterPosition = 0x300A012C
    IonBeamSequence = 0x300A03A2
    IonControlPointSequence = 0x300A03A8
    ReferencedRTPlanSequence = 0x300C0002
    ReferencedBeamSequence = 0x300C0004
    ReferencedBeamNumber = 0x300C0006
    ReferencedFractionGroupSequence = 0x300C0020
    ReferencedFractionGroupNumber = 0x300C0022
    ReferencedDoseReferenceSequence = 0x300C0050
    ReferencedDoseReferenceNumber = 0x300C0051
    ReferencedStructureSetSequence = 0x300C0060
    ApprovalStatus = 0x300E0002
    PixelData = 0x7FE00010


SEQUENCES: Final = frozenset(tag.value for tag in Tag if tag.name.endswith("Sequence"))
"""The sequences that are read, and so walked item by item. Any other of a declared length is one length:
nothing inside it is ever used, and what follows it is only reached if that length is right."""


_NAMES: Final = {tag.value: tag.name for tag in Tag}


def tag_text(tag: int) -> str:
    """`tag` as a person writes it: ``ROINumber (3006,0022)``."""
    number = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
    return f"{_NAMES[tag]} {number}" if tag in _NAMES else number


class Kind(StrEnum):
    """The kinds of objects that reading tells apart; any other is its modality."""

    PLAN = "RTPLAN"
    STRUCTURES = "RTSTRUCT"
    DOSE = "RTDOSE"
    CT = "CT"


RT_KINDS: Final = (Kind.PLAN.value, Kind.STRUCTURES.value, Kind.DOSE.value)

KIND_OF_SOP_CLASS: Final = {
    "1.2.840.10008.5.1.4.1.1.2": Kind.CT.value,
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
    "1.2.840.10008.5.1.4.1.1.481.2": Kind.DOSE.value,
    "1.2.840.10008.5.1.4.1.1.481.3": Kind.STRUCTURES.value,
    "1.2.840.10008.5.1.4.1.1.481.5": Kind.PLAN.value,
    "1.2.840.10008.5.1.4.1.1.481.8": Kind.PLAN.value,
}
"""By SOP class (PS3.4 B.5), the RT Ion Plan (481.8) among the plans."""
