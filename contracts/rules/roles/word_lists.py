"""Word lists of job descriptions: words that only ask, words of manner, and irregular verbs."""

from typing import Final

_ASKING: Final = """
    ability able abilities advanced advantage applicant asset background basic beneficial bonus candidate candidates
    commitment comfortable confident context day days deep degree demonstrable demonstrated demonstrating desirable
    desired detail education environment environments equivalent essential excellent exceptional expected experience
    experienced experiences expert expertise exposure extensive familiar familiarity field fields fluency fluent
    foundation good great hands helpful high highly hold ideal ideally including interest keen key knowledge least level
    looking mindset minimum month months more must nice optional outstanding passion passionate plus preferable
    preferably preferred prior professional proficiency proficient proven qualification qualifications qualified record
    relevant require required requirement requirements requires responsibility responsible seasoned self senior shown
    similar skill skilled skills solid someone strong substantial success successful successfully thorough track tools
    understanding valid various well welcome willing willingness working world year years
    who have has you your our we us ll ve
"""
ASKING_OF_ROLES: Final = frozenset(_ASKING.split())
_SOFT_WORDS: Final = """
    analytical analytically attitude collaborate collaboration collaborative communicate communication communicator
    communications creativity energetic enthusiasm enthusiastic flexible flexibility interpersonal listening motivated
    multitask organisational organizational proactive reliable resilient starter teamwork thinker verbal verbally
"""
SOFT_WORDS: Final = frozenset(_SOFT_WORDS.split())
IRREGULAR_VERBS: Final = {
    "led": "lead", "built": "build", "ran": "run", "wrote": "write", "written": "write", "grew": "grow",
    "grown": "grow", "drove": "drive", "driven": "drive", "taught": "teach", "sold": "sell",
    "bought": "buy", "spoke": "speak",
    "held": "hold", "won": "win", "chose": "choose", "kept": "keep", "cut": "cut", "made": "make", "brought": "bring",
}  # fmt: skip
