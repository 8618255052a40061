"""Lists the English words that requirements are built of: enough to tell verbs, nouns and the small words apart."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Returns the words of a text; an underscore stands for a blank."""
    return frozenset(each.replace("_", " ") for each in text.split())


DETERMINERS = words("""
    a an the this these those each every any all some no both either neither another other such own many several few
    much more most less least various multiple certain different same single new existing current
""")
POSSESSIVES = words("my our your their his her its whose")
PREPOSITIONS = words("""
    of in on at by for with from into onto about via per through across between among during within without under
    over against after before as like than near around towards toward upon regarding based along off out up down
    behind beyond including until since despite except inside outside concerning
""")
PRONOUNS = words("""
    i you he she it we they me him us them who everybody everyone somebody someone anybody anyone nobody myself
    themselves themself himself herself itself ourselves yourself there one something anything nothing everything
    others i'm i've i'd i'll we're we've we'll you're they're they've it's he's she's who's that's
""")
CONJUNCTIONS = words("and or but nor & plus")
RELATIVES = words(
    "that which when where while if because whether how what why whenever wherever once although though so"
)
NUMBERS = words(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty hundred thousand million"
)
AUXILIARIES = words("""
    can could may might must shall should will would do does did is are was were be been being am has have had
    cannot can't don't doesn't didn't isn't aren't won't wouldn't shouldn't couldn't hasn't haven't ought
""")
MODALS = words("can could may might must shall should will would cannot can't won't")
ADVERBS = words("""
    not also only just even still already again always never often soon later now then here too very quite well back
    together forward ahead away anymore online offline yet once twice everyday daily-wise instead rather ever easily
    almost maybe perhaps hey hi hello lol btw fyi yeah haha omg imo else etc eg ie
    otherwise therefore thus hence however furthermore moreover up-to-date
""")
ADJECTIVES = words("""
    able unable good better best bad worse worst big small large long short high low early late previous next last
    first second third future past recent upcoming available unavailable active inactive absent present clear easy
    hard simple fast quick slow full empty free busy ready open closed public private personal own internal external
    individual specific general generic common special particular important necessary useful needed relevant related
    similar unique main major minor key primary secondary additional extra optional mandatory required possible
    correct incorrect wrong right valid invalid true false safe secure new old older newer young recently nearby
    local global remote central total whole entire complete incomplete partial overall average daily weekly monthly
    yearly annual bi-weekly regular digital electronic physical manual automatic virtual visual mobile responsive
    flexible convenient consistent sensible predictable nice great beautiful awesome pleasant friendly user-friendly
    happy aware responsible interested involved inappropriate formal informal official legal illegal medical
    financial social professional technical environmental historical immediate direct real real-time real-life sure
    certain various multiple numerous different same single double several many few much more most less least enough
    separate independent final initial original latest current existing popular favorite favourite preferred top
    junior senior chief third-party up-to-date detailed rich plain accurate confidential sensitive visible hidden
    blank red green blue black white dark light such due overdue pending unresolved unsolved solved unsubscribed
    suitable appropriate proper eligible prior potential known unknown online offline modified other earlier later
    incoming outgoing
    one-off recurring
    longer shorter faster slower easier harder cheaper bigger smaller larger higher lower wider deeper live
""")
VERBS = words("""
    accept access accommodate achieve acknowledge act activate adapt add address adjust administer admit advertise
    agree alert allocate allow alter analyse analyze announce answer appear apply appoint approve archive arrange
    arrive ask assess assign assist attach attend audit authenticate authorise authorize automate avoid award backup
    ban base be become begin believe belong benefit bill block book borrow bring broadcast browse build bulk buy
    calculate call cancel capture categorise categorize cause change charge chat check check-in check-out checkout
    choose claim clarify classify clean clear click close collaborate collect combine come comment communicate
    compare complete comply compose compute concern configure confirm connect consider consist consult consume
    contact contain continue contribute control convert convey convince cook coordinate copy correct count cover
    create customise customize cut deactivate deal decide decline define delegate delete deliver demonstrate deny
    depend deploy describe design detect determine deter develop differentiate direct disable discover discuss
    display distinguish distribute do donate download draft draw drop duplicate earn edit educate eliminate email
    embed enable encourage encrypt end enforce engage enhance enjoy enrol enroll ensure enter erase escalate
    establish estimate evaluate examine exceed exchange execute expand expect expire explain explore export express
    extend extract face facilitate fail favorite favourite feature feel fetch figure file fill filter find finalise
    finalize finish fit fix flag focus follow forget format forward gain gather generate get give go grade grant group
    grow
    guarantee guide handle happen harvest have hear help hide hire highlight hold identify ignore implement import
    improve include increase indicate inform initiate input insert inspect install integrate interact interview
    introduce invest investigate invite invoice involve issue join judge justify keep kick know label last launch lead
    learn leave lend let like limit link list listen live load locate lock log login log-in look lose lower maintain
    make manage map mark match maximise maximize mean measure meet memorise mention merge message migrate minimise
    minimize miss modify monitor motivate move navigate need negotiate note notify obtain offer onboard open operate
    optimise optimize order organise organize outsource overcrowd over-crowd override overwrite own park participate
    pass paste pause pay perform personalise personalize pick pin place plan play post postpone practice practise
    predict prefer prepare prescribe present preserve press prevent preview print prioritise prioritize process
    produce progress promote propose protect prove provide publish purchase push put query quit raise rank rate
    reach react read realise realize rearrange receive recall recognise recognize recommend reconcile record recover
    recruit recycle redeem reduce re-estimate refer refill refine refresh refund refuse regenerate register regulate
    reject relate release rely remain remember remind remove rename renew rent reopen repair repeat reply report
    represent reproduce request require reschedule research reserve reset resize resolve respect respond restart
    restock restore restrict resubmit resume retrieve return reuse review revise revoke reward ride rise roll rotate
    route run satisfy save say scale scan schedule scroll search secure see select sell send semi-automate separate
    serve set setup share ship show shut sign sign-in sign-up signup simulate sit skip sort speak specify spend
    split stand star start state stay stop store stream submit subscribe succeed suffer suggest summarise summarize
    supervise supply support suspend swap switch sync synchronise synchronize synthesise tag tailor take tick talk
    target teach tell terminate test thank think toggle track trade train transfer transform translate travel treat
    trigger trust try tune turn type unblock understand undo uninstall unlock unsubscribe update upgrade upload use
    utilise utilize validate verify view visit visualise visualize vote wait walk want warn waste watch win wish
    withdraw wonder work workout write zoom
""")
MANAGING = words("""
    see view list browse search find filter check read look get know access show display manage monitor track edit
    modify update change delete remove add create set import export download print select choose have keep store
    record
""")
"""Verbs of who looks at or looks after something, which need not be theirs."""
BEFORE_GERUND = words("""
    start begin stop continue keep finish avoid enjoy consider suggest like prefer resume quit try
""")
"""Verbs that another verb follows."""
NOUNS_TOO = words("""
    access address alert answer archive award backup ban base benefit bill block book broadcast call cancel cause
    change charge chat check claim click close comment concern contact control copy count cover deal design display
    download draft draw drop email end estimate exchange export favorite favourite feature figure file fill filter
    focus form grade grant group guide harvest hold import increase input interview invoice issue judge key label
    launch lead leave like limit link list load lock log login look map mark match measure message microphone need note
    offer order park pass pause pin place plan play post practice preview print process produce progress project
    purchase query rank rate record refund release rent repair reply report request research reserve reset result return
    review reward ride roll route run sale save scale scan schedule score search share ship show sign sort split
    stand star start state stay stop store stream supply support swap switch tag target test track trade train
    transfer transport travel treat trigger trust try turn type update upgrade upload use view visit vote wait walk
    waste watch wish work workout
""")
IRREGULAR = {
    "has": "have", "had": "have",
    "seen": "see", "saw": "see", "given": "give", "gave": "give", "taken": "take", "took": "take", "made": "make",
    "done": "do", "did": "do", "been": "be", "kept": "keep", "sent": "send", "paid": "pay", "sold": "sell",
    "bought": "buy", "held": "hold", "left": "leave", "lost": "lose", "met": "meet", "told": "tell", "found": "find",
    "built": "build", "written": "write", "wrote": "write", "chosen": "choose", "known": "know", "forgotten": "forget",
    "gone": "go", "went": "go", "came": "come", "got": "get", "shown": "show", "understood": "understand",
    "spent": "spend", "taught": "teach", "thought": "think", "brought": "bring", "hidden": "hide", "stolen": "steal",
    "drawn": "draw", "read": "read", "set": "set", "put": "put", "lent": "lend", "led": "lead", "ran": "run",
    "driven": "drive", "eaten": "eat", "won": "win", "stored": "store", "tied": "tie", "organised": "organise",
}  # fmt: skip
"""Forms of verbs that no ending gives away."""
