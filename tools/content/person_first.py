"""Words that reduce people to a label, their replacements, and names in which they are allowed.

Pages speak of a person harmed and a person responsible.
"""

# Word (any case, also in the plural) → what to write.
REPLACEMENTS = {
    "offender": "person responsible",
    "perpetrator": "person responsible",
    "criminal": "person responsible",
    "culprit": "person responsible",
    "abuser": "person responsible",
    "attacker": "person responsible",
    "victim": "person harmed",
    "sufferer": "person harmed",
}

# Names of laws, services and documents that contain such a word, which are allowed anywhere.
ALLOWED_NAMES = (
    "Victims’ Code",
    "Victims and Prisoners Act",
    "victim services",
    "victim support services",
    "Victim Support",
    "Victim Gateway",
    "criminal injuries compensation",
    "criminal justice",
)
