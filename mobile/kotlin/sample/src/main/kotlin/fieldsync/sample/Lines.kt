package fieldsync.sample

/** How a line is to look: never by colour alone, so each has a sign too. */
public enum class Tone(
    /** Shown before the text. */
    public val sign: String,
) {
    /** Nothing to do. */
    PLAIN(""),

    /** Done, or arrived. */
    GOOD("✓"),

    /** To be looked at. */
    WATCH("△"),

    /** To be done now. */
    URGENT("!"),
}

/** A line of a list, ready to be shown. */
public data class Line(
    /** What it is about; each has its own in a list. */
    public val id: String,
    /** What it says. */
    public val title: String,
    /** What else there is to say, in small. */
    public val detail: String = "",
    /** How it is to look. */
    public val tone: Tone = Tone.PLAIN,
    /** The customer whose page a tap opens; a line without one opens nothing. */
    public val customer: String? = null,
) {
    /** Sign and title, as one text. */
    public val shown: String get() = listOf(tone.sign, title).filter { it.isNotEmpty() }.joinToString(" ")
}

/** A list under a heading; not shown while it is empty. */
public data class Section(
    /** The heading. */
    public val title: String,
    /** The lines. */
    public val lines: List<Line>,
)
