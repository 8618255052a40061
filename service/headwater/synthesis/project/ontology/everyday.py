# ruff: noqa: E501 — a line of a table is a line
"""Lists further kinds of applications, from podcasts to wedding lists; the form is that of `archetypes`."""

from __future__ import annotations

from headwater.synthesis.project.ontology.archetype import Archetype

EVERYDAY: tuple[Archetype, ...] = (
    Archetype(
        name="media channel",
        words=("podcast", "podcasts", "video platform", "video sharing", "radio show", "audio platform"),
        core=("Show", "Episode"),
        roles=("listener",),
        table="""
            Show public: title string required 1..160 searched; description text searched; cover image
            Show.host -> Account required cascade as shows owner
            Episode public: title string required 1..160 searched; description text; media file; duration_minutes integer at least 0; published_at datetime filtered
            Episode.show -> Show required cascade as episodes
            Episode owner show.host
        """,
        also=(("podcast", "Show"), ("channel", "Show"), ("video", "Episode")),
        brands=("youtube", "spotify", "vimeo", "soundcloud"),
    ),
    Archetype(
        name="chat",
        words=("chat app", "chat application", "messenger", "chat rooms", "messaging app", "group chat", "team chat", "instant messaging"),
        core=("Room", "Message"),
        table="""
            Room shared: name string required unique 1..120 searched; topic string
            Room.founder -> Account required as rooms owner
            Message shared: body text required 1..5000; edited boolean
            Message.room -> Room required cascade as messages
            Message.author -> Account required cascade as messages owner
        """,
        also=(("channel", "Room"), ("group", "Room")),
        brands=("slack", "discord", "whatsapp", "telegram", "microsoft teams"),
    ),
    Archetype(
        name="social network",
        words=("social network", "social media", "microblog", "photo sharing", "timeline", "community platform"),
        core=("Post", "Follow"),
        table="""
            Post public: body text required 1..2000 searched; image image
            Post.author -> Account required cascade as posts owner
            Follow public: note string
            Follow.follower -> Account required cascade as follows owner
            Follow.followed -> Account required cascade as followers
            Follow once follower followed
        """,
        also=(("photo", "Post"), ("tweet", "Post"), ("status update", "Post"), ("friend", "Follow")),
        brands=("twitter", "instagram", "facebook", "mastodon", "x.com", "bluesky"),
    ),
    Archetype(
        name="link shortener",
        words=("url shortener", "urlshortener", "link shortener", "short links", "shorten links", "shorten urls"),
        core=("ShortLink", "Click"),
        table="""
            ShortLink private: code string required unique 1..20 searched; target_url url required; title string; active boolean = true; expires_on date
            ShortLink.owner -> Account required cascade as short_links owner
            Click private: clicked_at datetime = now filtered; referrer string
            Click.short_link -> ShortLink required cascade as clicks
            Click owner short_link.owner
        """,
        also=(("link", "ShortLink"), ("url", "ShortLink")),
        brands=("bitly", "tinyurl"),
    ),
    Archetype(
        name="habit tracker",
        words=("habit tracker", "habits", "habit tracking", "goal tracker", "daily goals", "mood tracker"),
        core=("Habit", "CheckIn"),
        table="""
            Habit private: name string required 1..120 searched; frequency daily | weekly = daily; goal integer at least 1; active boolean = true
            Habit.member -> Account required cascade as habits owner
            CheckIn private: done_on date required; note string
            CheckIn.habit -> Habit required cascade as check_ins
            CheckIn owner habit.member
            CheckIn once habit done_on
        """,
        also=(("goal", "Habit"), ("check", "CheckIn")),
        brands=("habitica",),
    ),
    Archetype(
        name="quiz",
        words=("quiz app", "quiz", "quizzes", "trivia", "exam platform"),
        core=("Quiz", "QuizQuestion", "Attempt"),
        roles=("player",),
        table="""
            Quiz public: title string required 1..160 searched; description text; published boolean
            Quiz.author -> Account required cascade as quizzes owner
            QuizQuestion public: wording text required; choices text; answer string required; position integer required at least 1 = 1
            QuizQuestion.quiz -> Quiz required cascade as quiz_questions
            QuizQuestion owner quiz.author
            Attempt private: score integer required at least 0 = 0; finished_at datetime
            Attempt.quiz -> Quiz required cascade as attempts
            Attempt.player -> Account required cascade as attempts owner
        """,
        also=(("question", "QuizQuestion"), ("score", "Attempt"), ("leaderboard", "Attempt")),
        brands=("kahoot",),
    ),
    Archetype(
        name="flashcard trainer",
        words=("flashcards", "flash cards", "vocabulary trainer", "language learning"),
        core=("Deck", "Card"),
        table="""
            Deck private: title string required 1..160 searched; description text
            Deck.learner -> Account required cascade as decks owner
            Card private: front text required; back text required; box integer required 1..5 = 1; due_on date
            Card.deck -> Deck required cascade as cards
            Card owner deck.learner
        """,
        also=(("flashcard", "Card"), ("word", "Card")),
        brands=("anki", "quizlet", "duolingo"),
    ),
    Archetype(
        name="plant diary",
        words=("plant care", "houseplants", "house plants", "watering", "garden planner"),
        core=("Plant", "Watering"),
        table="""
            Plant private: name string required 1..120 searched; species string; place string; days_between_watering integer at least 1 = 7; photo image
            Plant.gardener -> Account required cascade as plants owner
            Watering private: watered_on date = now; amount string
            Watering.plant -> Plant required cascade as waterings
            Watering owner plant.gardener
        """,
    ),
    Archetype(
        name="note keeper",
        words=("note taking", "notes app", "notebook", "note-taking", "diary", "journal", "knowledge base", "wiki"),
        core=("Notebook", "Page"),
        table="""
            Notebook private: title string required 1..120 searched; description text
            Notebook.writer -> Account required cascade as notebooks owner
            Page private: title string required 1..200 searched; content text searched; pinned boolean
            Page.notebook -> Notebook required cascade as pages
            Page owner notebook.writer
        """,
        also=(("note", "Page"), ("entry", "Page"), ("article", "Page"), ("folder", "Notebook")),
        brands=("notion", "evernote", "wikipedia", "onenote"),
    ),
    Archetype(
        name="bookmark collection",
        words=("bookmark manager", "bookmarks", "reading list", "link collection", "read later"),
        core=("Bookmark",),
        table="""
            Bookmark private: title string required 1..200 searched; address_url url required; note text searched; read boolean
            Bookmark.member -> Account required cascade as bookmarks owner
        """,
        also=(("link", "Bookmark"),),
        brands=("pocket", "delicious", "instapaper"),
    ),
    Archetype(
        name="music library",
        words=("music library", "playlists", "songs", "record collection", "music streaming", "albums"),
        core=("Artist", "Album", "Song", "Playlist"),
        table="""
            Artist catalog: name string required unique 1..160 searched; biography text
            Album catalog: title string required 1..160 searched; released_on date; cover image
            Album.artist -> Artist required cascade as albums
            Song catalog: title string required 1..160 searched; seconds integer at least 1; position integer at least 1
            Song.album -> Album required cascade as songs
            Playlist private: title string required 1..120 searched; shared boolean
            Playlist.listener -> Account required cascade as playlists owner
            Playlist.songs >< Song as playlists
        """,
        also=(("track", "Song"), ("band", "Artist"), ("musician", "Artist")),
        brands=("last.fm", "bandcamp"),
    ),
    Archetype(
        name="film club",
        words=("movie", "movies", "film", "films", "movie reviews", "watchlist", "tv series"),
        core=("Movie", "Review"),
        table="""
            Movie catalog: title string required 1..200 searched; release_year integer 1880..2100 filtered; director string searched; minutes integer at least 1; synopsis text; poster image
            Review public: rating integer required 1..5; body text searched
            Review.movie -> Movie required cascade as reviews
            Review.author -> Account required cascade as reviews owner
            Review once movie author
        """,
        also=(("film", "Movie"), ("series", "Movie"), ("rating", "Review")),
        brands=("imdb", "letterboxd", "rotten tomatoes"),
    ),
    Archetype(
        name="travel planner",
        words=("travel planner", "trip planner", "travel", "itinerary", "trips", "vacation planner"),
        core=("Trip", "Stop"),
        table="""
            Trip private: title string required 1..160 searched; starts_on date; ends_on date; budget decimal at least 0; notes text
            Trip.traveller -> Account required cascade as trips owner
            Stop private: place string required 1..160 searched; arrives_at datetime; departs_at datetime; notes text
            Stop.trip -> Trip required cascade as stops
            Stop owner trip.traveller
        """,
        also=(("journey", "Trip"), ("destination", "Stop"), ("activity", "Stop")),
        brands=("tripit",),
    ),
    Archetype(
        name="guest list",
        words=("wedding", "guest list", "party planner", "rsvp", "invitations"),
        core=("Celebration", "Invitation"),
        table="""
            Celebration private: title string required 1..160 searched; takes_place_on date required; place string; notes text
            Celebration.host -> Account required cascade as celebrations owner
            Invitation private: guest_name string required 1..160 searched; email email; answer open | yes | no | maybe = open; persons integer required at least 1 = 1; dietary_needs text
            Invitation.celebration -> Celebration required cascade as invitations
            Invitation owner celebration.host
        """,
        also=(("guest", "Invitation"), ("party", "Celebration"), ("wedding", "Celebration")),
    ),
)  # fmt: skip
"""The further kinds, in the order in which equals are preferred."""
