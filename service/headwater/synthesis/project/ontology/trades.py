# ruff: noqa: E501 — a line of a table is a line
"""Lists kinds of applications for businesses, from car rental to law firms; the form is that of `archetypes`."""

from __future__ import annotations

from headwater.synthesis.project.ontology.archetype import Archetype

TRADES: tuple[Archetype, ...] = (
    Archetype(
        name="vehicle rental",
        words=("car rental", "rent out cars", "rental cars", "bike rental", "vehicle rental", "car sharing", "rent cars", "boat rental",
               "rent bikes", "rental company", "fleet"),
        core=("Vehicle", "Rental"),
        roles=("customer",),
        table="""
            Vehicle catalog: plate string required unique 1..20 searched; make string required 1..60 searched; kind string filtered; daily_rate decimal required at least 0; mileage integer required at least 0 = 0; status available | rented | in_service = available
            Rental private: starts_on date required; ends_on date required; picked_up_at datetime; returned_at datetime; total decimal at least 0; status requested | confirmed | returned | cancelled = requested
            Rental.vehicle -> Vehicle required as rentals
            Rental.customer -> Account required as rentals owner
        """,
        also=(("car", "Vehicle"), ("bike", "Vehicle"), ("boat", "Vehicle"), ("scooter", "Vehicle"), ("reservation", "Rental"), ("booking", "Rental")),
        brands=("turo", "hertz", "getaround"),
    ),
    Archetype(
        name="gym",
        words=("gym", "yoga studio", "fitness studio", "sports club", "class booking", "dance school", "martial arts"),
        core=("ClassSession", "Membership", "Attendance"),
        roles=("trainer",),
        table="""
            ClassSession catalog: title string required 1..120 searched; description text; starts_at datetime required filtered; minutes integer required 5..600 = 60; places integer required at least 1 = 20
            ClassSession.trainer -> Account optional as class_sessions
            Membership private: plan monthly | yearly | day_pass = monthly; fee decimal required at least 0 = 0; starts_on date required; ends_on date; status active | paused | ended = active
            Membership.member -> Account required cascade as memberships owner
            Attendance private: status signed_up | came | missed | cancelled = signed_up
            Attendance.class_session -> ClassSession required cascade as attendances
            Attendance.member -> Account required cascade as attendances owner
            Attendance once class_session member
        """,
        also=(("class", "ClassSession"), ("course", "ClassSession"), ("session", "ClassSession"), ("sign up", "Attendance"), ("booking", "Attendance")),
        brands=("mindbody", "classpass"),
    ),
    Archetype(
        name="restaurant",
        words=("restaurant", "cafe", "bistro", "food ordering", "food delivery", "table reservations", "menu", "takeaway"),
        core=("Dish", "DiningTable", "TableReservation"),
        roles=("customer",),
        table="""
            Dish catalog: name string required unique 1..120 searched; description text searched; price decimal required at least 0; course starter | main | dessert | drink = main; available boolean = true
            DiningTable catalog: code string required unique 1..20; seats integer required at least 1 = 4
            TableReservation private: starts_at datetime required filtered; guests integer required at least 1 = 2; status requested | confirmed | seated | cancelled = requested; note text
            TableReservation.dining_table -> DiningTable optional as table_reservations
            TableReservation.customer -> Account required as table_reservations owner
        """,
        also=(("menu item", "Dish"), ("meal", "Dish"), ("table", "DiningTable"), ("reservation", "TableReservation"), ("booking", "TableReservation")),
        brands=("opentable", "doordash"),
    ),
    Archetype(
        name="adoption agency",
        words=("pet adoption", "animal shelter", "adoption", "rescue dogs", "shelter"),
        core=("Animal", "AdoptionRequest"),
        roles=("adopter",),
        table="""
            Animal catalog: name string required 1..80 searched; species string required filtered; breed string searched; age integer at least 0; description text; photo image; status available | reserved | adopted = available
            AdoptionRequest private: message text required; status received | approved | rejected = received
            AdoptionRequest.animal -> Animal required cascade as adoption_requests
            AdoptionRequest.applicant -> Account required cascade as adoption_requests owner
        """,
        also=(("pet", "Animal"), ("dog", "Animal"), ("application", "AdoptionRequest"), ("adoption", "AdoptionRequest"), ("request", "AdoptionRequest")),
    ),
    Archetype(
        name="newsletter",
        words=("newsletter", "newsletters", "mailing list", "email campaign", "email campaigns", "mailing lists"),
        core=("Subscriber", "Issue", "Delivery"),
        roles=("editor",),
        table="""
            Subscriber private: email email required unique; name string 0..120; status subscribed | unsubscribed = subscribed; subscribed_on date = now
            Subscriber.editor -> Account required as subscribers owner
            Issue private: subject string required 1..200 searched; body text required searched; status draft | sent = draft; sent_at datetime
            Issue.editor -> Account required as issues owner
            Delivery private: delivered_at datetime; opened_at datetime
            Delivery.issue -> Issue required cascade as deliveries
            Delivery.subscriber -> Subscriber required cascade as deliveries
            Delivery owner issue.editor
            Delivery once issue subscriber
        """,
        also=(("campaign", "Issue"), ("edition", "Issue")),
        brands=("mailchimp", "substack"),
    ),
    Archetype(
        name="billing office",
        words=("invoicing", "invoices", "billing", "invoice", "quotes and invoices"),
        core=("Client", "Invoice", "InvoiceItem"),
        table="""
            Client private: name string required 1..160 searched; email email; address text; tax_number string
            Client.freelancer -> Account required cascade as clients owner
            Invoice private: code string required unique 1..40 searched; issued_on date required; due_date date; status draft | sent | paid | overdue = draft; note text
            Invoice.client -> Client required as invoices
            Invoice owner client.freelancer
            InvoiceItem private: description string required 1..200; quantity decimal required at least 0 = 1; unit_price decimal required at least 0
            InvoiceItem.invoice -> Invoice required cascade as invoice_items
            InvoiceItem owner invoice.client.freelancer
        """,
        also=(("customer", "Client"), ("bill", "Invoice"), ("position", "InvoiceItem")),
        brands=("freshbooks", "quickbooks", "xero"),
    ),
    Archetype(
        name="time tracker",
        words=("time tracking", "timesheet", "timesheets", "time sheets", "working hours", "time tracker"),
        core=("Project", "TimeEntry"),
        roles=("manager",),
        table="""
            Project shared: name string required unique 1..120 searched; client_name string; hourly_rate decimal at least 0; active boolean = true
            Project.lead -> Account required as projects owner
            TimeEntry private: worked_on date required filtered; hours decimal required 0..24; task string required 1..200 searched; billable boolean = true
            TimeEntry.project -> Project required as time_entries
            TimeEntry.worker -> Account required cascade as time_entries owner
        """,
        also=(("timesheet", "TimeEntry"), ("hour", "TimeEntry"), ("client", "Project")),
        brands=("toggl", "harvest", "clockify"),
    ),
    Archetype(
        name="staff directory",
        words=("hr system", "human resources", "leave management", "vacation requests", "employee directory", "leave requests",
               "staff management", "shift planning", "holiday requests"),
        core=("Department", "Employee", "LeaveRequest"),
        roles=("hr",),
        table="""
            Department shared: name string required unique 1..120 searched; location string
            Employee shared: full_name string required 1..160 searched; position string filtered; email email unique; phone phone; hired_on date
            Employee.department -> Department optional as employees
            LeaveRequest private: kind vacation | sick | unpaid | other = vacation; starts_on date required; ends_on date required; reason text; status requested | approved | rejected = requested
            LeaveRequest.requester -> Account required as leave_requests owner
        """,
        also=(("vacation", "LeaveRequest"), ("absence", "LeaveRequest"), ("holiday", "LeaveRequest")),
        brands=("bamboohr", "personio"),
    ),
    Archetype(
        name="donation site",
        words=("donations", "donation", "fundraising", "crowdfunding", "charity", "donors"),
        core=("Campaign", "Donation"),
        roles=("donor",),
        table="""
            Campaign public: title string required 1..160 searched; description text searched; goal_amount decimal required at least 0; starts_on date; ends_on date; status draft | open | closed = draft
            Campaign.organizer -> Account required as campaigns owner
            Donation private: amount decimal required at least 0; donated_at datetime = now; message text; anonymous boolean
            Donation.campaign -> Campaign required as donations
            Donation.donor -> Account required as donations owner
        """,
        also=(("project", "Campaign"), ("pledge", "Donation")),
        brands=("gofundme", "kickstarter", "patreon"),
    ),
    Archetype(
        name="market for ads",
        words=("classifieds", "classified ads", "second hand", "second-hand", "flea market", "swap", "listings"),
        core=("Listing", "Offer"),
        roles=("seller",),
        table="""
            Listing public: title string required 1..160 searched; description text required searched; price decimal required at least 0; state new | good | used = good; photo image; status open | reserved | sold = open
            Listing.seller -> Account required as listings owner
            Offer private: amount decimal required at least 0; message text; status made | accepted | declined = made
            Offer.listing -> Listing required cascade as offers
            Offer.buyer -> Account required cascade as offers owner
        """,
        also=(("ad", "Listing"), ("advert", "Listing"), ("item", "Listing")),
        brands=("craigslist", "gumtree", "vinted"),
    ),
    Archetype(
        name="auction house",
        words=("auction", "auctions", "bidding"),
        core=("Lot", "Bid"),
        roles=("seller",),
        table="""
            Lot public: title string required 1..160 searched; description text required searched; starting_price decimal required at least 0; ends_at datetime required filtered; photo image; status open | sold | unsold = open
            Lot.seller -> Account required as lots owner
            Bid public: amount decimal required at least 0; placed_at datetime = now
            Bid.lot -> Lot required cascade as bids
            Bid.bidder -> Account required as bids owner
        """,
        also=(("item", "Lot"), ("auction", "Lot")),
        brands=("ebay", "sotheby"),
    ),
    Archetype(
        name="car park",
        words=("parking garage", "car park", "parking lot", "parking spots", "parking"),
        core=("Spot", "ParkingTicket"),
        roles=("attendant",),
        table="""
            Spot catalog: code string required unique 1..20 searched; floor integer; kind standard | disabled | electric = standard; free boolean = true
            ParkingTicket shared: plate string required 1..20 searched; entered_at datetime = now filtered; left_at datetime; fee decimal at least 0; paid boolean
            ParkingTicket.spot -> Spot optional as parking_tickets
            ParkingTicket.attendant -> Account required as parking_tickets owner
        """,
        also=(("ticket", "ParkingTicket"), ("space", "Spot")),
    ),
    Archetype(
        name="law practice",
        words=("law firm", "legal cases", "lawyers", "attorney", "legal practice"),
        core=("Client", "LegalCase", "Hearing"),
        roles=("lawyer",),
        table="""
            Client shared: full_name string required 1..160 searched; email email; phone phone; address text
            LegalCase shared: title string required 1..200 searched; reference string required unique 1..60; description text; status open | closed = open
            LegalCase.client -> Client required as legal_cases
            LegalCase.lawyer -> Account required as legal_cases owner
            Hearing shared: takes_place_at datetime required filtered; court string required; notes text
            Hearing.legal_case -> LegalCase required cascade as hearings
            Hearing owner legal_case.lawyer
        """,
        also=(("case", "LegalCase"), ("matter", "LegalCase")),
    ),
)  # fmt: skip
"""The kinds for businesses, in the order in which equals are preferred."""
