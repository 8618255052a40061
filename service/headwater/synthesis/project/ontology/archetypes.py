# ruff: noqa: E501 — a line of a table is a line
"""Lists kinds of applications: the words that call for one, and what it keeps. A pair is the most a word should match."""

from __future__ import annotations

from headwater.synthesis.project.ontology.archetype import Archetype
from headwater.synthesis.project.ontology.everyday import EVERYDAY
from headwater.synthesis.project.ontology.trades import TRADES

__all__ = ["ARCHETYPES", "Archetype"]
COMMON: tuple[Archetype, ...] = (
    Archetype(
        name="blog",
        brands=("wordpress", "tumblr", "ghost"),
        words=("blog", "blogging", "weblog", "news site", "magazine", "publishing platform", "content management"),
        core=("Post",),
        roles=("author",),
        table="""
            Post public: title string required 1..200 searched; slug string required unique 1..200; excerpt text; body text required searched; status draft | published = draft; published_at datetime filtered
            Post.author -> Account required cascade as posts owner
        """,
        also=(("article", "Post"), ("entry", "Post"), ("story", "Post")),
    ),
    Archetype(
        name="shop",
        unless=("repair shop", "coffee shop", "barber shop", "workshop", "shop floor"),
        brands=("amazon", "etsy", "shopify", "woocommerce"),
        words=("shop", "a store", "our store", "my store", "the store", "web store", "bookstore", "e-commerce", "ecommerce", "online store", "online shop", "webshop", "marketplace",
               "shopping cart", "storefront"),
        core=("Product", "Category", "Order", "OrderItem"),
        roles=("customer",),
        table="""
            Category catalog: name string required unique 1..100 searched; description text
            Product catalog: name string required 1..200 searched; description text searched; sku string required unique 1..60; price decimal required at least 0; stock integer required at least 0 = 0; image file; active boolean = true
            Product.category -> Category optional as products
            Order private: status pending | paid | shipped | delivered | cancelled = pending; total decimal required at least 0 = 0; shipping_address text required; ordered_at datetime = now
            Order.customer -> Account required as orders owner
            OrderItem private: quantity integer required at least 1 = 1; unit_price decimal required at least 0
            OrderItem.order -> Order required cascade as items
            OrderItem.product -> Product required as order_items
            OrderItem owner order.customer
            CartItem private: quantity integer required at least 1 = 1
            CartItem.customer -> Account required cascade as cart_items owner
            CartItem.product -> Product required cascade as cart_items
            CartItem once customer product
        """,
        also=(("cart", "CartItem"), ("basket", "CartItem"), ("item", "Product"), ("goods", "Product")),
    ),
    Archetype(
        name="task tracker",
        brands=("trello", "jira", "asana", "todoist", "basecamp"),
        words=("task tracker", "todo", "to-do", "to do list", "task manager", "task management", "issue tracker", "bug tracker",
               "kanban", "project management", "project tracker", "tasks"),
        core=("Project", "Task"),
        table="""
            Project private: name string required 1..120 searched; description text; status active | archived = active
            Project.lead -> Account required as projects owner
            Task shared: title string required 1..200 searched; description text searched; status todo | in_progress | done = todo; priority low | medium | high = medium; due_date date
            Task.project -> Project required cascade as tasks
            Task.assignee -> Account optional as assigned_tasks
            Task.reporter -> Account required as reported_tasks owner
        """,
        also=(("issue", "Task"), ("ticket", "Task"), ("bug", "Task"), ("todo", "Task"), ("to-do", "Task"), ("board", "Project")),
    ),
    Archetype(
        name="booking site",
        brands=("airbnb", "booking.com", "calendly"),
        words=("booking", "reservation", "appointment scheduling", "book a room", "hotel", "scheduling system",
               "booking system", "reservations", "book rooms", "salon", "meeting rooms"),
        core=("Resource", "Booking"),
        roles=("customer",),
        table="""
            Resource catalog: name string required 1..120 searched; description text; location string; capacity integer required at least 1 = 1; price_per_hour decimal at least 0; active boolean = true
            Booking private: starts_at datetime required filtered; ends_at datetime required; guests integer required at least 1 = 1; status requested | confirmed | cancelled = requested; note text
            Booking.resource -> Resource required as bookings
            Booking.customer -> Account required as bookings owner
        """,
        also=(("room", "Resource"), ("table", "Resource"), ("court", "Resource"), ("desk", "Resource"), ("slot", "Resource"),
              ("reservation", "Booking"), ("appointment", "Booking")),
    ),
    Archetype(
        name="CRM",
        brands=("salesforce", "hubspot", "pipedrive"),
        words=("crm", "customer relationship", "sales pipeline", "lead management", "contact management", "deals", "leads"),
        core=("Company", "Contact", "Deal", "Activity"),
        roles=("sales_manager",),
        table="""
            Company shared: name string required 1..160 searched; website url; industry string filtered; phone phone; address text
            Company.account_manager -> Account optional as companies owner
            Contact shared: first_name string required 1..80 searched; last_name string required 1..80 searched; email email; phone phone; position string
            Contact.company -> Company optional as contacts
            Contact.account_manager -> Account optional as contacts owner
            Deal shared: title string required 1..160 searched; amount decimal at least 0; stage lead | qualified | proposal | won | lost = lead; expected_close_date date
            Deal.company -> Company required as deals
            Deal.contact -> Contact optional as deals
            Deal.account_manager -> Account required as deals owner
            Activity shared: subject string required 1..160 searched; category call | meeting | email | note = call; notes text; happens_at datetime filtered; done boolean
            Activity.deal -> Deal optional as activities
            Activity.contact -> Contact optional as activities
            Activity.author -> Account required as activities owner
        """,
        also=(("opportunity", "Deal"), ("lead", "Contact"), ("customer", "Contact"), ("client", "Company")),
    ),
    Archetype(
        name="learning platform",
        brands=("udemy", "coursera", "moodle"),
        words=("learning platform", "learning management", "lms", "e-learning", "online courses", "course platform", "school", "university", "training platform",
               "courses", "lessons", "students"),
        core=("Course", "Lesson", "Enrollment"),
        roles=("student", "instructor"),
        table="""
            Course public: title string required 1..160 searched; description text searched; level beginner | intermediate | advanced = beginner; published boolean
            Course.instructor -> Account required as courses owner
            Lesson public: title string required 1..160 searched; content text; position integer required at least 1 = 1; video_url url; duration_minutes integer at least 0
            Lesson.course -> Course required cascade as lessons
            Lesson owner course.instructor
            Enrollment private: status active | completed | dropped = active; progress integer required 0..100 = 0; enrolled_on date = now
            Enrollment.course -> Course required cascade as enrollments
            Enrollment.student -> Account required cascade as enrollments owner
            Enrollment once course student
            Assignment public: title string required 1..160; instructions text required; due_date date; max_points integer at least 0 = 100
            Assignment.course -> Course required cascade as assignments
            Assignment owner course.instructor
            Submission private: content text; attachment file; points integer at least 0; submitted_at datetime = now
            Submission.assignment -> Assignment required cascade as submissions
            Submission.student -> Account required cascade as submissions owner
            Quiz public: title string required 1..160; pass_mark integer required 0..100 = 50
            Quiz.course -> Course required cascade as quizzes
            Quiz owner course.instructor
        """,
        also=(("homework", "Assignment"), ("exam", "Quiz"), ("test", "Quiz"), ("module", "Lesson")),
    ),
    Archetype(
        name="stockroom",
        words=("inventory", "warehouse", "stock management", "stock control", "asset tracking", "stock levels"),
        core=("Item", "Supplier", "Location", "StockMovement"),
        roles=("clerk",),
        table="""
            Supplier shared: name string required unique 1..160 searched; email email; phone phone; address text
            Location shared: name string required unique 1..120 searched; address text
            Item shared: name string required 1..160 searched; sku string required unique 1..60 searched; description text; quantity integer required at least 0 = 0; reorder_level integer required at least 0 = 0; unit_cost decimal at least 0
            Item.supplier -> Supplier optional as items
            Item.location -> Location optional as items
            StockMovement shared: direction received | issued | adjusted = received; quantity integer required at least 1; reason text; moved_at datetime = now filtered
            StockMovement.item -> Item required cascade as movements
            StockMovement.clerk -> Account required as movements owner
        """,
        also=(("product", "Item"), ("part", "Item"), ("warehouse", "Location"), ("vendor", "Supplier"), ("shelf", "Location")),
    ),
    Archetype(
        name="clinic",
        words=("clinic", "hospital", "patients", "medical practice", "doctor", "doctors", "dentist", "healthcare", "medical records",
               "appointments", "veterinary"),
        core=("Patient", "Doctor", "Appointment"),
        roles=("receptionist", "doctor"),
        table="""
            Patient shared: first_name string required 1..80 searched; last_name string required 1..80 searched; birth_date date required; phone phone; email email; address text; allergies text
            Doctor shared: full_name string required 1..120 searched; specialty string required filtered; license_number string unique; phone phone
            Appointment shared: starts_at datetime required filtered; duration_minutes integer required 5..480 = 30; status scheduled | attended | cancelled | missed = scheduled; reason text
            Appointment.patient -> Patient required cascade as appointments
            Appointment.doctor -> Doctor required as appointments
            MedicalRecord shared: visit_date date required; diagnosis text required; treatment text; notes text
            MedicalRecord.patient -> Patient required cascade as medical_records
            MedicalRecord.doctor -> Doctor required as medical_records
            Prescription shared: medicine string required 1..160 searched; dosage string required; starts_on date required; days integer required at least 1
            Prescription.patient -> Patient required cascade as prescriptions
            Prescription.doctor -> Doctor required as prescriptions
        """,
        also=(("visit", "Appointment"), ("physician", "Doctor"), ("dentist", "Doctor")),
    ),
    Archetype(
        name="forum",
        brands=("reddit", "stack overflow", "stackoverflow", "quora", "discourse"),
        words=("forum", "discussion board", "message board", "community", "q&a", "question and answer", "threads"),
        core=("Board", "Topic", "Reply"),
        roles=("moderator",),
        table="""
            Board catalog: name string required unique 1..120 searched; description text; position integer required at least 0 = 0
            Topic public: title string required 1..200 searched; body text required searched; pinned boolean; locked boolean
            Topic.board -> Board required cascade as topics
            Topic.author -> Account required cascade as topics owner
            Reply public: body text required; edited boolean
            Reply.topic -> Topic required cascade as replies
            Reply.author -> Account required cascade as replies owner
        """,
        also=(("thread", "Topic"), ("question", "Topic"), ("answer", "Reply"), ("post", "Topic"), ("category", "Board"),
              ("comment", "Reply")),
    ),
    Archetype(
        name="library",
        brands=("goodreads",),
        words=("library", "lending", "book loans", "borrow books", "librarian", "catalogue of books"),
        core=("Author", "Book", "Loan"),
        roles=("librarian",),
        table="""
            Author catalog: name string required 1..160 searched; biography text; birth_date date
            Book catalog: title string required 1..200 searched; isbn string required unique 10..17; published_year integer 0..3000; copies integer required at least 0 = 1; summary text
            Book.authors >< Author as books
            Loan private: loaned_on date = now; due_date date required; returned_on date; status open | returned | overdue = open
            Loan.book -> Book required as loans
            Loan.borrower -> Account required as loans owner
        """,
        also=(("writer", "Author"), ("borrowing", "Loan"), ("copy", "Book")),
    ),
    Archetype(
        name="ticket office",
        brands=("eventbrite", "ticketmaster", "meetup.com"),
        words=("event tickets", "ticketing", "ticket sales", "concert", "conference", "events", "event management", "box office",
               "festival", "meetup"),
        core=("Venue", "Event", "Ticket"),
        roles=("organizer",),
        table="""
            Venue catalog: name string required unique 1..160 searched; address text required; capacity integer required at least 1
            Event public: title string required 1..200 searched; description text searched; starts_at datetime required filtered; ends_at datetime; price decimal required at least 0 = 0; seats integer required at least 1; status draft | on_sale | sold_out | cancelled = draft
            Event.venue -> Venue required as events
            Event.organizer -> Account required as events owner
            Ticket private: code string required unique 1..40; seat string; price decimal required at least 0 = 0; status reserved | paid | used | refunded = reserved; bought_at datetime = now
            Ticket.event -> Event required as tickets
            Ticket.attendee -> Account required as tickets owner
        """,
        also=(("concert", "Event"), ("conference", "Event"), ("location", "Venue"), ("registration", "Ticket")),
    ),
    Archetype(
        name="recipe collection",
        words=("recipe", "recipes", "cookbook", "cooking", "meal planner"),
        core=("Recipe", "Ingredient"),
        table="""
            Recipe public: title string required 1..160 searched; instructions text required searched; servings integer at least 1; minutes integer at least 0; image file
            Recipe.author -> Account required cascade as recipes owner
            Ingredient public: name string required 1..120 searched; quantity decimal at least 0; unit string
            Ingredient.recipe -> Recipe required cascade as ingredients
            Ingredient owner recipe.author
        """,
    ),
    Archetype(
        name="expense tracker",
        words=("expense", "expenses", "budget", "personal finance", "accounting", "spending"),
        core=("Expense", "Category"),
        table="""
            Category private: name string required 1..100 searched; monthly_limit decimal at least 0
            Category.member -> Account required cascade as categories owner
            Expense private: description string required 1..200 searched; amount decimal required at least 0; spent_on date required; receipt file
            Expense.category -> Category optional as expenses
            Expense.member -> Account required cascade as expenses owner
        """,
    ),
    Archetype(
        name="job board",
        brands=("linkedin", "indeed", "monster.com"),
        words=("job board", "recruiting", "recruitment", "job listings", "hiring", "vacancies", "applicant tracking"),
        core=("Company", "Job", "Application"),
        roles=("recruiter",),
        table="""
            Company public: name string required 1..160 searched; website url; description text
            Company.recruiter -> Account required as companies owner
            Job public: title string required 1..160 searched; description text required searched; location string filtered; salary decimal at least 0; status open | closed = open
            Job.company -> Company required cascade as jobs
            Job owner company.recruiter
            Application private: cover_letter text; resume file; status received | interview | rejected | hired = received
            Application.job -> Job required cascade as applications
            Application.applicant -> Account required cascade as applications owner
        """,
        also=(("vacancy", "Job"), ("position", "Job"), ("candidate", "Application")),
    ),
    Archetype(
        name="property market",
        brands=("zillow", "rightmove"),
        words=("real estate", "property listings", "apartments", "housing", "rent out flats", "rent out apartments", "landlord"),
        core=("Property", "Viewing"),
        roles=("agent",),
        table="""
            Property public: title string required 1..160 searched; description text searched; address text required; price decimal required at least 0; rooms integer at least 0; status available | reserved | sold = available; image file
            Property.agent -> Account required as properties owner
            Viewing private: starts_at datetime required filtered; status requested | confirmed | cancelled = requested; note text
            Viewing.listing -> Property required cascade as viewings
            Viewing.visitor -> Account required cascade as viewings owner
        """,
    ),
    Archetype(
        name="help desk",
        brands=("zendesk", "freshdesk"),
        words=("help desk", "helpdesk", "support tickets", "customer support", "service desk", "complaints"),
        core=("Ticket", "Reply"),
        roles=("agent",),
        table="""
            Ticket private: subject string required 1..200 searched; description text required searched; status open | pending | solved = open; priority low | medium | high = medium
            Ticket.requester -> Account required as tickets owner
            Ticket.agent -> Account optional as assigned_tickets
            Reply shared: body text required; internal boolean
            Reply.ticket -> Ticket required cascade as replies
            Reply.author -> Account required as replies owner
        """,
        also=(("request", "Ticket"), ("complaint", "Ticket"), ("case", "Ticket")),
    ),
    Archetype(
        name="fitness tracker",
        brands=("strava", "fitbit"),
        words=("fitness", "workout", "workouts", "exercise tracker"),
        core=("Workout", "Exercise"),
        table="""
            Exercise catalog: name string required unique 1..120 searched; description text; muscle_group string filtered
            Workout private: performed_on date required; minutes integer at least 0; notes text
            Workout.member -> Account required cascade as workouts owner
            Workout.exercises >< Exercise as workouts
        """,
    ),
    Archetype(
        name="survey",
        brands=("surveymonkey", "typeform", "google forms"),
        words=("survey", "surveys", "poll", "polls", "questionnaire", "voting"),
        core=("Survey", "Question", "Answer"),
        table="""
            Survey public: title string required 1..160 searched; description text; status draft | open | closed = draft
            Survey.author -> Account required cascade as surveys owner
            Question public: wording text required; position integer required at least 1 = 1; compulsory boolean
            Question.survey -> Survey required cascade as questions
            Question owner survey.author
            Answer private: content text required
            Answer.question -> Question required cascade as answers
            Answer.respondent -> Account required cascade as answers owner
        """,
    ),
)  # fmt: skip
ARCHETYPES = (*COMMON, *TRADES, *EVERYDAY)
"""The kinds that are known, in the order in which equals are preferred."""
