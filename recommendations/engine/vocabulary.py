"""The engine's fixed words: whom a gift is for, when it is given, how old they are, its style.

Slugs are those of the catalogue's tags. The patterns are how people write these things in
English; they are matched without case against text that has straight apostrophes.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relationship:
    """`whom` reads after "for"; `kin` are tags that suit this person as well as their own."""

    slug: str
    whom: str
    pattern: str
    is_adult: bool = False
    kin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occasion:
    """`what` reads after "for"; `kin` are tags that suit this occasion as well as their own."""

    slug: str
    what: str
    pattern: str
    kin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Whole years, both inclusive."""

    slug: str
    low: int
    high: int


_DAD = r"dad|daddy|father|papa|pops|step-?dad|step-?father"
_MUM = r"mum|mummy|mom|mam|mother|mama|step-?mum|step-?mother"
_PARENT_IN_LAW = (
    r"(?:mother|father|mum|dad|mom|parents?|sister|brother|son|daughter)s?[- ]in[- ]law"
)
_GRAND = (
    r"grand-?(?:ma|pa|dad|daddy|mum|dad|mother|father|parents?)|gran-?dad|gran-?daddy|gran"
    r"|granny|grannie|nan|nana|nanna|nanny"
    r"|gramps|grampa|granddaddy"
)
_PARTNER = (
    r"wife|wifey|husband|hubby|hubbie|spouse|partner|other half|better half|boyfriend|girlfriend"
    r"|bf|gf|fianc[eé]e?|significant other|missus"
)
_COLLEAGUE = r"colleague|co-?worker|work-?mate|team-?mate|assistant|receptionist|secretary"
_FRIEND = (
    r"(?:best |good |old )?friends?|mate|bestie|bff|buddy|pal|flat-?mate|room-?mate|house-?mate"
)
_NEW_PARENT = (
    r"new (?:mum|mom|dad|mother|father|parent)s?|parents-to-be|(?:mum|mom|dad)-to-be"
    r"|first-time (?:mum|mom|dad|parent)s?"
)

# Longer names first: "father-in-law" must not be read as "father".
RELATIONSHIPS = (
    Relationship("in-law", "an in-law", _PARENT_IN_LAW + r"|in-?laws", True, ("parent",)),
    Relationship("new-parent", "new parents", _NEW_PARENT, True, ("parent",)),
    Relationship("godchild", "a godchild", r"god-?(?:child|children|son|daughter)", kin=("child",)),
    Relationship("grandchild", "a grandchild", r"grand-?(?:child|children|kids?|sons?|daughters?)",
                 kin=("child", "godchild")),
    Relationship("grandparent", "a grandparent", _GRAND, True, ("parent",)),
    Relationship("dad", "a dad", _DAD, True, ("parent",)),
    Relationship("mum", "a mum", _MUM, True, ("parent",)),
    Relationship("parent", "a parent", r"parents?|folks|step-?parents?", True, ("mum", "dad")),
    Relationship("partner", "a partner", _PARTNER, True),
    Relationship("teacher", "a teacher", r"teacher|tutor|teaching assistant|nursery worker"
                 r"|child-?minder|professor|lecturer", True),
    Relationship("boss", "a boss", r"boss|manager|supervisor|line manager", True, ("colleague",)),
    Relationship("colleague", "a colleague", _COLLEAGUE, True),
    Relationship("host", "a host", r"hosts?|hostess|dinner party host", True),
    Relationship("neighbour", "a neighbour", r"neighbou?rs?", kin=("friend",)),
    Relationship("teenager", "a teenager", r"teenagers?|teens?", kin=("child", "sibling")),
    Relationship("son", "a son", r"sons?|step-?sons?", kin=("child",)),
    Relationship("daughter", "a daughter", r"daughters?|step-?daughters?", kin=("child",)),
    Relationship("child", "a child", r"child|children|kids?|kiddo|toddler|niece|nephew|nibling"
                 r"|little (?:boy|girl|one)|boys?|girls?|step-?child|step-?children|baby|newborn"
                 r"|schoolboy|schoolgirl", kin=("son", "daughter", "grandchild", "godchild")),
    Relationship("sibling", "a brother or sister", r"brothers?|sisters?|bro|sis|siblings?"
                 r"|step-?brother|step-?sister|half-?brother|half-?sister", kin=("friend",)),
    Relationship("pet-owner", "a pet owner", r"pet owner|(?:dog|cat|puppy|kitten) owner"),
    Relationship("friend", "a friend", _FRIEND),
)  # fmt: skip
RELATIONSHIP_OF = {relationship.slug: relationship for relationship in RELATIONSHIPS}
ADULT_RELATIONSHIPS = frozenset(r.slug for r in RELATIONSHIPS if r.is_adult)
CHILD_RELATIONSHIPS = frozenset({"child", "son", "daughter", "grandchild", "godchild", "teenager"})
# People without a tag of their own who are nearly always grown up.
GROWN_UPS = (
    r"aunt(?:y|ie)?|uncle|grown-?ups?|adults?|woman|man|lady|gentleman|lad(?:y|ies) friend|couple"
    r"|bride|groom|(?:university|uni|college|phd|medical) student|undergraduate|entrepreneur"
)

OCCASIONS = (
    Occasion("mothers-day", "Mother's Day", r"mother'?s'? day|mothering sunday"),
    Occasion("fathers-day", "Father's Day", r"father'?s'? day"),
    Occasion("valentines", "Valentine's Day", r"valentine'?s?(?: day)?"),
    Occasion("secret-santa", "Secret Santa", r"secret santa|kris kringle|office gift (?:swap"
                                             r"|exchange)",
             ("stocking-filler", "christmas")),
    Occasion("stocking-filler", "a Christmas stocking", r"stocking (?:fillers?|stuffers?)",
             ("christmas",)),
    Occasion("christmas", "Christmas", r"christmas(?: day| eve)?|x-?mas|crimbo|yuletide"),
    Occasion("anniversary", "an anniversary", r"(?:wedding )?anniversar(?:y|ies)", ("wedding",)),
    Occasion("engagement", "an engagement", r"engagement(?: party)?|(?:just |got |getting )engaged",
             ("wedding",)),
    Occasion("wedding", "a wedding", r"wedding(?: day| gift| present)?|newly-?weds?"
             r"|(?:getting|got|just) married", ("anniversary", "engagement")),
    Occasion("baby-shower", "a baby shower", r"baby shower|expecting(?: a baby)?|pregnant",
             ("new-baby",)),
    Occasion("new-baby", "a new baby", r"(?:just |recently )?had (?:a|her|their|our|twin|another)"
             r" ?(?:first |new |second )?bab(?:y|ies)(?: girl| boy)?|new baby|new arrival"
             r"|birth of|christening|newborn gift", ("baby-shower",)),
    Occasion("graduation", "a graduation", r"graduation|graduat(?:ing|ed|es)"),
    Occasion("retirement", "a retirement", r"retirement|retiring|retires|is about to retire",
             ("leaving",)),
    Occasion("exam-results", "exam results", r"exam results|(?:passed|passing) (?:his|her|their)?"
             r" ?(?:exams?|gcses?|a-?levels?)|gcses?|a-?level results", ("graduation",)),
    Occasion("teachers-gift", "a thank-you to a teacher", r"end of (?:term|the school year)"
             r"|teacher'?s? (?:gift|present)|teacher appreciation", ("thank-you",)),
    Occasion("back-to-school", "going back to school", r"back[- ]to[- ]school|start(?:ing|s) school"
             r"|new school"),
    Occasion("moving-out", "moving out", r"(?:off|going|heading|away|starting) (?:to "
                                         r"|at )?uni(?:versity)?"
             r"|leaving home|moving out|first student (?:flat|house)", ("housewarming",)),
    Occasion("leaving", "a leaving do", r"leaving (?:do|party|present|gift|drinks)|farewell"
             r"|going[- ]away (?:present|gift|party)", ("retirement", "new-job")),
    Occasion("new-job", "a new job", r"new job|promotion|got promoted|starting a (?:new )?job",
             ("leaving",)),
    Occasion("housewarming", "a housewarming", r"house-?warming|house warming"
             r"|(?:new|first) (?:house|home|flat|apartment|place)|(?:moved|moving|move) (?:house"
             r"|into|in)",
             ("moving-out",)),
    Occasion("thank-you", "a thank-you", r"thank[- ]?you|to say thanks|as thanks|token of thanks"),
    Occasion("get-well", "getting well", r"get[- ]well(?: soon)?|recover(?:ing|y)|in hospital"
                                         r"|poorly"
             r"|after (?:an? )?(?:operation|surgery)"),
    Occasion("easter", "Easter", r"easter"),
    Occasion("birthday", "a birthday", r"birth-?days?|bday|b-day"),
    Occasion("milestone-birthday", "a milestone birthday", r"(?!)", ("birthday",)),
)  # fmt: skip
OCCASION_OF = {occasion.slug: occasion for occasion in OCCASIONS}
MILESTONES = frozenset({16, 18, 21, 30, 40, 50, 60, 65, 70, 75, 80, 85, 90, 95, 100})
BABY_OCCASIONS = frozenset({"new-baby", "baby-shower"})

AGE_BANDS = (
    AgeBand("age-baby", 0, 1),
    AgeBand("age-toddler", 1, 3),
    AgeBand("age-pre-school", 3, 5),
    AgeBand("age-school", 5, 8),
    AgeBand("age-tween", 8, 12),
    AgeBand("age-teen", 13, 17),
    AgeBand("age-young-adult", 18, 29),
    AgeBand("age-adult", 30, 59),
    AgeBand("age-older-adult", 60, 120),
)
BAND_OF = {band.slug: band for band in AGE_BANDS}
CHILD_BANDS = frozenset(b.slug for b in AGE_BANDS if b.high <= 12)
BABY_BANDS = frozenset({"age-baby", "age-toddler"})

STYLES = {
    "practical": r"practical|useful|functional|handy",
    "luxurious": r"luxur(?:y|ious)|posh|fancy|high-end|premium|lavish",
    "funny": r"funny|humorous|hilarious|silly|jokey|comical|novelty",
    "cosy": r"cos(?:y|ier)|coz(?:y|ier)|snug|hygge",
    "thoughtful": r"thoughtful|meaningful|sentimental|heartfelt|romantic|personal",
    "classic": r"classic|timeless|traditional",
    "quirky": r"quirky|unusual|unique|offbeat|different",
    "minimalist": r"minimalist|minimal|understated",
    "nostalgic": r"nostalgic|retro|vintage|old-school",
    "creative": r"creative|arty|artsy",
    "techy": r"techy|techie|high-tech|gadgety",
    "eco-friendly": r"eco[- ]?friendly|eco[- ]?conscious|sustainable|plastic-free"
                    r"|environmentally friendly",
    "playful": r"playful|fun",
    "geeky": r"geeky|nerdy",
    "elegant": r"elegant|stylish|sophisticated|chic|classy",
    "adventurous": r"adventurous|daring",
    "indulgent": r"indulgent|pampering|treat|decadent",
    "collectable": r"collectable|collectible",
    "handmade-feel": r"hand-?made|hand-?crafted|artisan(?:al)?",
    "educational": r"educational|brainy",
}  # fmt: skip

# Pleasures most people share. A gift for these alone can stand in where an interest has too few.
EVERYDAY_INTERESTS = frozenset(
    {
        "board-games", "card-games", "chocolate", "coffee", "cooking", "fiction", "film",
        "food-adventure", "home-decor", "music", "nature", "outdoor-play", "party-games",
        "pretend-play", "puzzles", "reading", "skincare", "sleep", "soft-toys", "tea",
        "television", "travel", "wellbeing", "baby-development", "crafts", "animals",
    }
)  # fmt: skip
