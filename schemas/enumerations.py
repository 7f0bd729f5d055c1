"""The closed value lists of the specification (4.0.0; identical in 3.0.0), and how older spellings are read.

Matching is exact, then without case and with blanks collapsed, then by the tables at the end. Nothing is guessed.
"""

from __future__ import annotations

from functools import cache
from typing import Final


def _values(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\n", " ").split("·"))


MEMBERSHIP: Final = _values("Hub · Alliance · Other · NCS")
PIPELINE: Final = _values("Available · Not available")
MATERIAL: Final = _values(
    """None/not available · Bone marrow · Cancer cell lines · CDNA/MRNA · Core biopsy · DNA · Entire body organ · Faeces ·
    Immortalized cell lines · Isolated pathogen · MicroRNA · Peripheral blood cells · Plasma · PM Tissue · Primary cells ·
    RNA · Saliva · Serum · Swabs · Tissue · Urine · Whole blood · Availability to be confirmed · Other"""
)
FOLLOW_UP: Final = _values(
    "0 - 6 Months · 6 - 12 Months · 1 - 10 Years · > 10 Years · Unknown · Continuous · Other"
)
PURPOSE: Final = _values(
    """Research cohort · Study · Disease registry · Trial · Care · Audit · Administrative · Financial · Statutory · Other"""
)
SOURCE: Final = _values("EPR · Electronic survey · LIMS · Paper-based · Free text NLP · Machine generated · Other")
COLLECTION_SOURCE: Final = _values(
    """Cohort, study, trial · Clinic · Primary care - Referrals · Primary care - Clinic · Primary care - Out of hours ·
    Secondary care - Accident and Emergency · Secondary care - Outpatients · Secondary care - In-patients ·
    Secondary care - Ambulance · Secondary care - ICU · Prescribing - Community pharmacy · Prescribing - Hospital ·
    Patient report outcome · Wearables · Local authority · National government · Community · Services · Home · Private ·
    Social care - Health care at home · Social care - Other social data · Census · Other"""
)
TERNARY: Final = _values("Yes · No · Not stated")
FREQUENCY: Final = _values(
    """Static · Irregular · Continuous · Biennial · Annual · Biannual · Quarterly · Bimonthly · Monthly · Biweekly · Weekly ·
    Twice a week · Daily · Other"""
)
LAG: Final = _values(
    """Less than 1 week · 1-2 weeks · 2-4 weeks · 1-2 months · 2-6 months · More than 6 months · Variable ·
    Not applicable · Other"""
)
LIMITATION: Final = _values(
    """General research use · Commercial research use · Genetic studies only · No general methods research ·
    No restriction · Geographical restrictions · Institution-specific restrictions · Not for profit use ·
    Project-specific restrictions · Research-specific restrictions · User-specific restrictions · Research use only ·
    No linkage"""
)
REQUIREMENT: Final = _values(
    """Collaboration required · Project-specific restrictions · Ethics approval required ·
    Institution-specific restrictions · Geographical restrictions · Publication moratorium · Publication required ·
    Return to database or resource · Time limit on use · Disclosure control · Not for profit use ·
    User-specific restriction"""
)
ACCESS_SERVICE: Final = _values("TRE/SDE · Direct access · Open access · Varies based on project")
VOCABULARY: Final = _values(
    """LOCAL · OPCS4 · READ · SNOMED CT · SNOMED RT · DM PLUS D · DM+D · NHS NATIONAL CODES ·
    NHS SCOTLAND NATIONAL CODES · NHS WALES NATIONAL CODES · ODS · LOINC · ICD10 · ICD10CM · ICD10PCS · ICD9CM · ICD9 ·
    ICDO3 · AMT · APC · ATC · CIEL · HPO · CPT4 · DPD · DRG · HEMONC · JMDC · KCD7 · MULTUM · NAACCR · NDC · NDFRT ·
    OXMIS · RXNORM · RXNORM EXTENSION · SPL · OTHER"""
)
STANDARD: Final = _values(
    """HL7 FHIR · HL7 V2 · HL7 CDA · HL7 CCOW · LOINC · DICOM · I2B2 · IHE · OMOP · OPENEHR · SENTINEL · PCORNET · CDISC ·
    NHS DATA DICTIONARY · NHS SCOTLAND DATA DICTIONARY · NHS WALES DATA DICTIONARY · LOCAL · OTHER"""
)
LANGUAGE: Final = (
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az", "ba", "be", "bg", "bh", "bi", "bm", "bn",
    "bo", "br", "bs", "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv", "cy", "da", "de", "dv", "dz", "ee", "el", "en",
    "eo", "es", "et", "eu", "fa", "ff", "fi", "fj", "fo", "fr", "fy", "ga", "gd", "gl", "gn", "gu", "gv", "ha", "he",
    "hi", "ho", "hr", "ht", "hu", "hy", "hz", "ia", "id", "ie", "ig", "ii", "ik", "io", "is", "it", "iu", "ja", "jv",
    "ka", "kg", "ki", "kj", "kk", "kl", "km", "kn", "ko", "kr", "ks", "ku", "kv", "kw", "ky", "la", "lb", "lg", "li",
    "ln", "lo", "lt", "lu", "lv", "mg", "mh", "mi", "mk", "ml", "mn", "mr", "ms", "mt", "my", "na", "nb", "nd", "ne",
    "ng", "nl", "nn", "no", "nr", "nv", "ny", "oc", "oj", "om", "or", "os", "pa", "pi", "pl", "ps", "pt", "qu", "rm",
    "rn", "ro", "ru", "rw", "sa", "sc", "sd", "se", "sg", "si", "sk", "sl", "sm", "sn", "so", "sq", "sr", "ss", "st",
    "su", "sv", "sw", "ta", "te", "tg", "th", "ti", "tk", "tl", "tn", "to", "tr", "ts", "tt", "tw", "ty", "ug", "uk",
    "ur", "uz", "ve", "vi", "vo", "wa", "wo", "xh", "yi", "yo", "za", "zh", "zu",
)  # fmt: skip
NODE: Final = _values("Persons · Events · Findings · Number of scans per modality")
AGE_BIN: Final = (
    "0-6 days", "7-27 days", "1-11 months", "1-4 years", *(f"{age}-{age + 4} years" for age in range(5, 100, 5)), "100+ years",
)  # fmt: skip
ETHNICITY: Final = _values(
    """White - British · White - Irish · White - Any other White background · Mixed - White and Black Caribbean ·
    Mixed - White and Black African · Mixed - White and Asian · Mixed - Any other mixed background ·
    Asian or Asian British - Indian · Asian or Asian British - Pakistani · Asian or Asian British - Bangladeshi ·
    Asian or Asian British - Any other Asian background · Black or Black British - Caribbean ·
    Black or Black British - African · Black or Black British - Any other Black background ·
    Other Ethnic Groups - Chinese · Other Ethnic Groups - Any other ethnic group · Not stated · Not known"""
)
DISEASE_VOCABULARY: Final = _values("ICD10 · SNOMED CT · MeSH")
ASSAY: Final = _values(
    """NMR spectroscopy · Mass-spectrometry · Whole genome sequencing · Exome sequencing · Genotyping by array ·
    Transcriptome profiling by high-throughput sequencing · Transcriptome profiling by array · Amplicon sequencing ·
    Methylation binding domain sequencing · Methylation profiling by high-throughput sequencing ·
    Genomic variant calling · Chromatin accessibility profiling by high-throughput sequencing ·
    Histone modification profiling by high-throughput sequencing · Chromatin immunoprecipitation sequencing ·
    Whole genome shotgun sequencing · Whole transcriptome sequencing · Targeted mutation analysis"""
)
PLATFORM: Final = _values(
    "Other · NMR Nightingale · Metabolon · Biocrates · Illumina · Oxford Nanopore · 454 · Hi-C · HiFi"
)
DATASET_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "Health and disease": _values(
        """Mental health · Cardiovascular · Cancer · Rare diseases · Metabolic and endocrine · Neurological · Reproductive ·
        Maternity and neonatology · Respiratory · Immunity · Musculoskeletal · Vision · Renal and urogenital ·
        Oral and gastrointestinal · Cognitive function · Hearing · Others"""
    ),
    "Treatments/Interventions": _values("Vaccines · Preventive · Therapeutic · Others"),
    "Measurements/Tests": _values("Laboratory · Other diagnostics"),
    "Imaging types": _values("CT · MRI · PET · X-ray · Ultrasound · Pathology · Others"),
    "Imaging area of the body": _values("Head · Chest · Arm · Abdomen · Leg · Others"),
    "Omics": _values(
        "Proteomics · Transcriptomics · Epigenomics · Metabolomics · Metagenomics · Genomics · Lipidomics · Others"
    ),
    "Socioeconomic": _values(
        """Education · Crime and justice · Ethnicity · Housing · Labour · Ageing · Economics · Marital status ·
        Social support · Deprivation · Religion · Occupation · Finances · Family circumstance · Others"""
    ),
    "Lifestyle": _values("Smoking · Physical activity · Dietary habits · Alcohol · Others"),
    "Registry": _values(
        "Disease registry (research) · National disease registries and audits · Births and deaths · Others"
    ),
    "Environment and energy": ("Not applicable",),
    "Information and communication": ("Not applicable",),
    "Politics": ("Not applicable",),
}
SUB_TYPES: Final = tuple(dict.fromkeys(name for names in DATASET_TYPES.values() for name in names))

# Older spellings -> value. Pairs that differ only in case or blanks are found without a row.
LAG_ALSO: Final = {
    "less 1 week": "Less than 1 week", "<1 week": "Less than 1 week", "more 6 months": "More than 6 months",
    ">6 months": "More than 6 months", "6 months plus": "More than 6 months",
}  # fmt: skip
TIME_LAG_ALSO: Final = {**LAG_ALSO, "no timelag": "Less than 1 week"}
FREQUENCY_ALSO: Final = {
    "semiweekly": "Twice a week", "quaterly": "Quarterly", "continious": "Continuous", "ad hoc": "Irregular",
}  # fmt: skip
SOURCE_ALSO: Final = {
    "paper based": "Paper-based", "freetext nlp": "Free text NLP", "other information system": "Other",
}  # fmt: skip
COLLECTION_SOURCE_ALSO: Final = {
    "primary care": "Primary care - Clinic", "accident and emergency": "Secondary care - Accident and Emergency",
    "accident an emergency": "Secondary care - Accident and Emergency", "outpatients": "Secondary care - Outpatients",
    "in-patients": "Secondary care - In-patients", "pharmacy": "Prescribing - Community pharmacy",
    "social care": "Social care - Other social data",
}  # fmt: skip
LIMITATION_ALSO: Final = {
    "institution specific restrictions": "Institution-specific restrictions",
    "project specific restrictions": "Project-specific restrictions",
    "research specific restrictions": "Research-specific restrictions",
    "user specific restriction": "User-specific restrictions",
    "user-specific restriction": "User-specific restrictions",
}
REQUIREMENT_ALSO: Final = {
    "institution specific restrictions": "Institution-specific restrictions",
    "project specific restrictions": "Project-specific restrictions",
    "user specific restriction": "User-specific restriction",
    "user-specific restrictions": "User-specific restriction",
}
MATERIAL_ALSO: Final = {
    "not available": "None/not available", "not avaliable": "None/not available", "cdna or mrna": "CDNA/MRNA",
    "immortalized cel lines": "Immortalized cell lines", "blood": "Whole blood", "tissue (frozen)": "Tissue",
    "tissue (ffpe)": "Tissue",
}  # fmt: skip
VOCABULARY_ALSO: Final = {"hemonic": "HEMONC"}
SUB_TYPE_ALSO: Final = {"family circumstances": "Family circumstance", "ethnic group": "Ethnicity"}


def also_for(allowed: tuple[str, ...]) -> dict[str, str] | None:
    """Older spellings of the values of this list."""
    return ALSO.get(allowed)


ALSO: Final = {
    LAG: TIME_LAG_ALSO, FREQUENCY: FREQUENCY_ALSO, SOURCE: SOURCE_ALSO, COLLECTION_SOURCE: COLLECTION_SOURCE_ALSO, LIMITATION: LIMITATION_ALSO,
    REQUIREMENT: REQUIREMENT_ALSO, MATERIAL: MATERIAL_ALSO, VOCABULARY: VOCABULARY_ALSO,
}  # fmt: skip


def match(value: str, allowed: tuple[str, ...], also: dict[str, str] | None = None) -> str | None:
    """The allowed value that ``value`` means, or None. Blanks and case do not count; nothing fuzzy."""
    if value in allowed:
        return value
    folded = " ".join(value.split()).casefold()
    if also and folded in also:
        return also[folded]
    return _folded(allowed).get(folded)


_FOLDED: dict[tuple[str, ...], dict[str, str]] = {}


def _folded(allowed: tuple[str, ...]) -> dict[str, str]:
    if allowed not in _FOLDED:
        _FOLDED[allowed] = {" ".join(value.split()).casefold(): value for value in allowed}
    return _FOLDED[allowed]


@cache
def _most_parts(allowed: tuple[str, ...]) -> int:
    return 1 + max(value.count(",") for value in allowed)


def split_by_longest(text: str, allowed: tuple[str, ...], also: dict[str, str] | None = None) -> tuple[list[str], list[str]]:
    """Comma text of a closed list -> (values, parts that match nothing). ``Cohort, study, trial`` is one value."""
    parts = [part.strip() for part in text.replace(";,;", ",").split(",") if part.strip()]
    found: list[str] = []
    rest: list[str] = []
    start, most = 0, _most_parts(allowed)
    while start < len(parts):
        tries = ((length, match(", ".join(parts[start : start + length]), allowed, also)) for length in range(most, 0, -1))
        length, value = next(((length, value) for length, value in tries if value is not None), (1, None))
        if value is None:
            rest.append(parts[start])
        else:
            found.append(value)
        start += length
    return found, rest
