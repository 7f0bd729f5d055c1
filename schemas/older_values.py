"""The closed value lists of the versions before 3.0.0, and of parts of the specification that 4.0.0 no longer has."""

from __future__ import annotations

from typing import Final


def _values(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\n", " ").split("·"))


MEMBERSHIP_2_0_1: Final = _values("HUB · ALLIANCE · OTHER")
MEMBERSHIP: Final = (*MEMBERSHIP_2_0_1, "NCS")
MATERIAL: Final = _values(
    """NOT AVAILABLE · BONE MARROW · CANCER CELL LINES · CDNA OR MRNA · CORE BIOPSY · DNA · FAECES · IMMORTALIZED CELL LINES ·
    MICRORNA · PERIPHERAL BLOOD CELLS · PLASMA · PM TISSUE · PRIMARY CELLS · RNA · SALIVA · SERUM · SWABS · TISSUE · URINE ·
    WHOLE BLOOD · AVAILABILITY TO BE CONFIRMED · OTHER"""
)
FOLLOW_UP: Final = _values("0 - 6 MONTHS · 6 - 12 MONTHS · 1 - 10 YEARS · > 10 YEARS · UNKNOWN · CONTINUOUS · OTHER")
PURPOSE: Final = _values(
    "STUDY · DISEASE REGISTRY · TRIAL · CARE · AUDIT · ADMINISTRATIVE · FINANCIAL · STATUTORY · OTHER"
)
SOURCE: Final = _values(
    """EPR · ELECTRONIC SURVEY · LIMS · OTHER INFORMATION SYSTEM · PAPER BASED · FREETEXT NLP · MACHINE GENERATED · OTHER"""
)
SITUATION: Final = _values(
    """CLINIC · PRIMARY CARE · ACCIDENT AND EMERGENCY · OUTPATIENTS · IN-PATIENTS · SERVICES · COMMUNITY · HOME · PRIVATE ·
    PHARMACY · SOCIAL CARE · LOCAL AUTHORITY · NATIONAL GOVERNMENT · OTHER"""
)
SITUATION_2_0_1: Final = tuple(value.replace("ACCIDENT AND", "ACCIDENT AN") for value in SITUATION)
FREQUENCY: Final = _values(
    """STATIC · IRREGULAR · CONTINUOUS · BIENNIAL · ANNUAL · BIANNUAL · QUARTERLY · BIMONTHLY · MONTHLY · BIWEEKLY · WEEKLY ·
    SEMIWEEKLY · DAILY · OTHER"""
)
LEAD_TIME: Final = _values(
    """LESS 1 WEEK · 1-2 WEEKS · 2-4 WEEKS · 1-2 MONTHS · 2-6 MONTHS · MORE 6 MONTHS · VARIABLE · NOT APPLICABLE · OTHER"""
)
TIME_LAG: Final = (*LEAD_TIME, "NO TIMELAG")
LIMITATION: Final = _values(
    """GENERAL RESEARCH USE · COMMERCIAL RESEARCH USE · GENETIC STUDIES ONLY · NO GENERAL METHODS RESEARCH · NO RESTRICTION ·
    GEOGRAPHICAL RESTRICTIONS · INSTITUTION SPECIFIC RESTRICTIONS · NOT FOR PROFIT USE · PROJECT SPECIFIC RESTRICTIONS ·
    RESEARCH SPECIFIC RESTRICTIONS · USER SPECIFIC RESTRICTION · RESEARCH USE ONLY · NO LINKAGE"""
)
REQUIREMENT: Final = _values(
    """COLLABORATION REQUIRED · PROJECT SPECIFIC RESTRICTIONS · ETHICS APPROVAL REQUIRED ·
    INSTITUTION SPECIFIC RESTRICTIONS · GEOGRAPHICAL RESTRICTIONS · PUBLICATION MORATORIUM · PUBLICATION REQUIRED ·
    RETURN TO DATABASE OR RESOURCE · TIME LIMIT ON USE · DISCLOSURE CONTROL · NOT FOR PROFIT USE ·
    USER SPECIFIC RESTRICTION"""
)
NODE: Final = _values("PERSONS · EVENTS · FINDINGS")

# 2.2.0 and 2.2.1: variables of a cohort, and samples
COHORT_VARIABLES: Final[dict[str, tuple[str, ...]]] = {
    "gender": _values("Male · Female · Other"),
    "biologicalsamples": _values("Blood · Urine · Saliva · Other"),
    "psychological": _values("Cognitive Function · Mental Health"),
    "physical": _values("Respiratory · Vision · Hearing · Musculoskeletal · Cardiovascular · Reproductive"),
    "anthropometric": _values("Blood Pressure · Hip Circumference · Height · Waist Circumference · Weight"),
    "lifestyle": _values("Smoking · Dietary Habits · Physical Activity · Alcohol"),
    "socioeconomic": _values(
        """Finances · Family Circumstances · Housing · Education · Marital Status · Occupation · Ethnic Group ·
        Social Support"""
    ),
}
SAMPLE_DATA: Final = _values(
    """Biological samples · Survey data · Imaging data · Medical records · National registries · Genealogical records ·
    Physiological/Biochemical measurements · Other"""
)
SAMPLE_MATERIAL: Final = _values(
    """Blood · DNA · Faeces · Immortalized Cell Lines · Isolated Pathogen · Other · Plasma · RNA · Saliva · Serum ·
    Tissue (Frozen) · Tissue (FFPE) · Urine"""
)
SAMPLE_COLLECTION: Final = _values(
    """Case-control · Cohort · Cross-sectional · Longitudinal · Twin-study · Quality control · Population-based ·
    Disease specific · Birth cohort · Other"""
)

# 1.1.7
PURPOSE_1_1_7: Final = _values("Study · Disease Registry · Trial · Care · Audit · Administrative · Financial")
SOURCE_1_1_7: Final = _values("Epr · Electronic Survey · Lims · Paper Based · Freetext Nlp · Machine Generated")
SETTING_1_1_7: Final = _values(
    """Clinic · Primary Care · Accident and Emergency · Outpatients · In-Patients · Services · Community · Home · Private ·
    Pharmacy"""
)
DURATION_1_1_7: Final = _values("<1 Week · 1-2 Weeks · 2-4 Weeks · 1-2 Months · 2-6 Months · >6 Months · Other")
PERIODICITY_1_1_7: Final = _values(
    "Static · Irregular · Continious · Biennial · Annual · Quaterly · Bimonthly · Monthly · Biweekly · Daily"
)
MATERIAL_1_1_7: Final = _values(
    """Not Available · Bone Marrow · Cancer Cell Lines · CDNA/MRNA · Core Biopsy · DNA · Faeces · Immortalized Cel Lines ·
    MicroRNA · Peripheral Blood Cells · Plasma · PM Tissue · Primary Cells · RNA · Saliva · Serum · Swabs · Tissue · Urine ·
    Whole Blood · Availability To Be Confirmed"""
)
STANDARD_1_1_7: Final = _values(
    """HL7 FHIR · HL7 V2 · HL7 CDA · HL7 CCOW · LOINC · DICOM · I2B2 · IHE · OMOP · OPENEHR · SENTINEL · PCORNET · LOCAL ·
    OTHER"""
)
VOCABULARY_1_1_7: Final = _values(
    """LOCAL · OPCS4 · READ · SNOMED CT · SNOMED RT · DM+D · NHS NATIONAL CODES · ODS · LOINC · ICD10 · ICD10CM · ICD10PCS ·
    ICD9CM · ICD9 · ICDO3 · AMT · APC · ATC · CIEL · HPO · CPT4 · DPD · DRG · HEMONIC · JMDC · KCD7 · MULTUM · NAACCR · NDC ·
    NDFRT · OXMIS · RXNORM · RXNORM EXTENSION · SPL · OTHER"""
)
