"""Sorts the nouns of requirements: what belongs to every application, what is a value, what is a thing to keep."""

from __future__ import annotations

from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.plurals import singular

SYSTEM = words("""
    system application app website site web webapp webpage page screen button database interface ui ux platform
    software tool portal browser link url server backend frontend program solution device phone smartphone computer
    tablet mobile laptop ios android api internet machine tab window menu icon popup widget layout header footer
    sidebar navigation toolbar homepage landing_page chrome firefox safari internet_explorer html css csv pdf xml
    json xhtml spreadsheet excel script plugin code format file_format text_field field checkbox dropdown box input
    output version standard w3c bootstrap programming unicode google facebook twitter instagram linkedin cookie
    cache cloud mvp crud module component infrastructure environment repository backup error error_log log
    error_page error_message user_interface timezone timestamp user_documentation documentation guideline
""")
"""The application itself and what it is made of."""

APPLICATION = words("system application app website site web platform software tool portal program solution webapp")
"""The application itself."""

QUALITIES = words("""
    satisfaction intervention quality efficiency performance productivity convenience comfort confidence trust
    privacy security safety transparency consistency accuracy accessibility availability visibility compliance
    knowledge understanding insight awareness attention interest influence success failure importance management
    administration maintenance control usage experience progress process need behalf responsibility permission
    access preference choice decision expectation goal opportunity possibility improvement growth purpose
""")
"""Qualities and acts: behind another noun they speak of that noun."""

ABSTRACT = QUALITIES | words("""
    ability way option thing stuff list overview detail information data info number amount type kind sort part
    place progress experience mind peace work job case change process result purpose feature functionality function
    need requirement use usage time day week month year hour minute second moment today tomorrow yesterday morning
    evening weekend future past end beginning start point step sequence fact idea sense reason effort help hand side
    level range variety set group_of_people lot bunch couple half rest whole majority maximum minimum total average
    sum quality quantity efficiency performance productivity convenience comfort confidence satisfaction trust
    privacy security safety transparency consistency accuracy access accessibility availability visibility
    compliance knowledge understanding insight awareness attention interest opinion perspective preference choice
    decision wish expectation goal objective aim opportunity chance possibility risk danger trouble issue problem
    error mistake difficulty conflict confusion clutter advantage benefit value importance impact effect influence
    success failure difference similarity context situation scenario condition circumstance emergency world life
    home house area region neighbourhood neighborhood surrounding term basis manner mode style look feel theme focus
    scope control management administration maintenance operation action act behalf charge responsibility duty role
    permission right privilege authority attempt response reaction communication contact interaction conversation
    collaboration cooperation support assistance service self people person everyone team member party parties
    public audience community society organization organisation company business firm owner stakeholder view display
    preview look-up lookup search filter sorting filtering report summary statistic stat metric analytics analysis
    graph chart dashboard map calendar history trend figure visualization visualisation visual color colour font
    size countdown timer clock notification alert reminder email e-mail mail sms text inbox newsletter
    push_notification account profile login log-in sign-up signup sign-in registration password username credential
    authentication authorization verification session_cookie captcha token language translation example instance
    definition concept specification criterion criteria line row column entry content media text_message text_file
    word sentence letter character symbol sign title name max min practice growth improvement adjustment update
    extension modification addition removal deletion creation completion submission approval rejection confirmation
    cancellation preparation registration_process installation configuration setup scheduling planning processing
    tracking monitoring managing editing viewing handling reporting sharing hosting shopping reading writing
    browsing testing requirements engineering development play money cash everything nothing anything something
    everybody anybody copy paste click scroll drag drop zoom scan print load track record keep overlap spelling
    grammar touch advance advancement capability capacity timetable ranking leaderboard standing scoreboard
    workload flow workflow queue status state phase stage
    milestone_date top bottom left front back inside outside center_point middle bulk pending overdue due one
    anybody's matter subject_matter terminology age gender lack absence presence existence ease speed pace rhythm
    fun joy pleasure spam up-to-date up down according easier rating_scale individual interval frequency period duration
    deadline maximum_number minimum_number total_number
""")
"""What one speaks of but does not keep: qualities, acts, times, and the parts of every application."""

ATTRIBUTES = words("""
    name title description email address street city country state zip zipcode zip_code postcode postal_code phone
    phone_number telephone number date time birthday birthdate date_of_birth birth age gender sex price cost fee
    fee_amount amount quantity weight height width length depth size color colour status type kind category_name level
    priority rank score rating_value url website link username password password_hash note remark summary body text
    content headline subtitle label code sku isbn barcode serial serial_number reference reference_number identifier
    id key slug currency tax discount_rate percentage percent rate total subtotal balance salary wage income budget
    capacity duration start start_date end_date start_time end_time deadline due_date expiry expiry_date expiration
    expiration_date latitude longitude location coordinate ip ip_address bio biography avatar logo icon thumbnail
    picture image_url first_name last_name surname firstname lastname full_name nickname middle_name company_name
    language nationality timezone version position index sequence hours opening_hours opening_hour working_day
    bank_account iban vat email_address email_id home_address ip-address zip-code hour hours_of_operation likelihood
    severity difficulty blood_type allergy published_at created_at updated_at need restriction instruction
    availability dimension publication_date estimate_field name_and_address detail details
""")
"""What is a value of something else rather than a thing with values of its own."""

COUNTED = words("""
    stage issue case job entry team company organization organisation area region house home contact record report
    result survey test sample map request message notification rule newsletter chapter profile budget note viewing
    update
""")
"""Nouns among the abstract ones that are things all the same where a text counts or makes them."""

TAILS = words("""
    information detail info data record list status history profile account overview type kind category_type name
    number id page view screen form_field section area_code system database table progress process usage count total
    statistic stat metric log report summary description date time deadline content text options option settings
    setting preference feature functionality field management manager_page module function method mechanism
    capability interface button link error problem request_form size price cost amount value level year workflow
    needs
""")
"""Nouns behind another noun that say what of it is meant, not that it is something else: `camper information`."""

PEOPLE_OF_SYSTEM = words("""
    admin administrator superuser super_user developer moderator webmaster operator maintainer tester programmer
    system_administrator site_admin site_administrator designer researcher architect analyst product_owner
    stakeholder visitor guest anonymous anonymous_user database_administrator
""")
"""Roles that work on the application rather than being kept in it."""

ROLE_WORDS = words("""
    admin administrator user member customer client visitor guest employee manager moderator editor author reader
    student teacher trainer instructor patient doctor nurse parent child seller buyer vendor supplier agent owner
    organizer organiser attendee librarian staff worker developer operator coordinator counselor counsellor
    participant volunteer donor applicant recruiter driver passenger reviewer supervisor director tenant landlord host
    subscriber candidate employer tutor lawyer listener player coach pupil professor chef waiter cook photographer
    artist musician mentor mentee citizen resident neighbour neighbor renter borrower bidder walker cleaner technician
    mechanic accountant auditor analyst headmaster principal partner secretary assistant intern caretaker hr shopper
    merchant learner viewer follower creator contributor beekeeper farmer gardener keeper adopter vet foster sponsor
    speaker judge referee captain relative inspector pilot guide ranger officer clerk cashier courier
""")
"""Nouns for people who act."""

NO_PEOPLE = words("""
    order number computer folder calendar offer letter paper poster container filter timer sensor chapter semester
    voucher charter printer header reminder sticker locker server router tracker counter newsletter register answer
    matter layer corner cluster color factor vector motor error monitor indicator door floor sector mirror twist
    checklist wishlist playlist waitlist shortlist coffee fee committee degree tree guarantee dinner water weather
    power river tower flower shower drawer cover buffer charger copier scooter trailer freezer ladder roster cylinder
    cider burger butter master transfer banner spider tier pier border gender center parameter meter supper timber
    paper lever ledger disclaimer banner fiber filler hanger heater cooler liquor tractor elevator interior exterior
    playlist list
""")
"""Nouns that end like those for people and mean none."""
PEOPLE_ENDINGS = ("er", "or", "ist", "ian", "eer", "ee", "man", "woman", "person")


HEADS_OF = words("lead leader head officer representative")
"""Last words of compounds for people: a project lead."""


def acts_like_person(noun: str) -> bool:
    """Whether a noun in front of a verb is likely somebody: one for people, or one that ends like them."""
    last = noun.rsplit(" ", 1)[-1]
    if noun in ACTORS or last in ROLE_WORDS or (last != noun and last in HEADS_OF):
        return True
    return len(last) > 4 and last.endswith(PEOPLE_ENDINGS) and last not in THINGS  # noqa: PLR2004


def is_shelf(noun: str) -> bool:
    """Whether things are sorted by a noun rather than parts of it: deleting a category must not delete its recipes."""
    return singular(noun.rsplit(" ", 1)[-1]) in SHELVES


ACTING = words(
    "assignee reporter creator uploader sender recipient borrower requester approver lead leader holder attendee"
)
"""Nouns for people by what they have to do with one thing."""
LATER = words("assignee approver reviewer agent moderator")
"""People who come to a thing after it was made."""
SHARED = words("""
    tag label topic skill genre category interest keyword ingredient author member participant
""")
"""Things of which many belong to many."""
REFERENCE = words("tag label genre category skill keyword amenity allergen")
"""Things that are looked up by everybody and kept by administrators."""
SHELVES = REFERENCE | words("""
    department team type group brand manufacturer supplier vendor location country region city cuisine family section
    status level grade class store warehouse branch office currency unit plan zone area faculty
""")
"""What things are sorted by or kept at rather than made of."""
PERFORMING = words("""
    director artist composer actor actress performer publisher singer musician producer judge referee captain pilot chef
    vet professor principal photographer parent
""")
"""People whom one notes by name; they use the application only where the text says so."""
LEADING = words("manager receptionist clerk moderator supervisor coordinator librarian dispatcher")
"""Last words of roles that look after the rows of others: a project manager."""
LOOKING = words("viewer observer auditor")
"""Last words of roles that only look."""
TEAMS = words("staff personnel")
"""Last words of roles that are several people who work there: the front desk staff."""
MODERATING = words("moderator operator")
"""Roles that look after all rows by what they are, whatever else is said of them."""
BASE_STAFF = words("staff staff_member worker")
"""Roles of those who work there, without anything that they look after for others."""
HOUSES = words("""
    shelter non-profit nonprofit charity museum church garage studio club gym school clinic hospital library hotel
    restaurant cafe bakery farm firm company agency business shop store office team association foundation university
    college institute salon practice theatre theater cinema zoo park garden dealership pharmacy family
""")
"""Words for who keeps things: "our shelter lists animals"."""
STAFF = words("""
    moderator librarian editor manager receptionist clerk staff operator doctor nurse sales_manager coordinator
    supervisor agent team_lead dispatcher warehouse_manager staff_member waiter cashier store_manager shop_owner hr
    headmaster principal accountant vet veterinarian therapist dentist physiotherapist curator registrar conservator
    archivist deputy_head head_teacher planner pharmacist caretaker
""")
"""Roles that look after the rows of others."""
PROVIDERS = words("""
    instructor teacher trainer organizer organiser author seller vendor recruiter landlord host editor doctor owner
    writer supplier publisher speaker tutor employer lecturer professor coach creator breeder
""")
"""Roles of who offers something to others; a new account gets another one where there is one."""
SIGNED_IN = words(
    "user member account people person everyone everybody anyone registered_user logged-in_user signed-in_user"
)
"""Words for whoever is signed in."""
UNKNOWN = words("visitor guest anonymous anonymous_user public anonymous_visitor unregistered_user")
"""Words for whoever is not."""
ADMINS = words(
    "admin administrator superuser super_user superadmin system_administrator site_admin site_administrator owner"
)
"""Words for who may do everything."""
ACTORS = ROLE_WORDS | SIGNED_IN | UNKNOWN | ADMINS | STAFF
"""All nouns for whoever acts."""
THINGS = NO_PEOPLE | SYSTEM | HOUSES
"""Nouns that mean nobody, whatever they end in."""
WITHIN = ABSTRACT | ATTRIBUTES
"""Nouns that are nothing to keep themselves."""
