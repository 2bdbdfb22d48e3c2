package fieldsync.sample

import fieldsync.core.FieldClient
import fieldsync.core.OrgRow
import java.math.BigDecimal
import java.math.RoundingMode
import java.util.Locale

/** How figures read, and how people type them: by what they count, in the org's currency. */
internal class Figures(org: OrgRow?) {
    /** What the core says of the currency; nothing before the org is here. */
    private val decimals = org?.currencyDecimals?.toInt()

    /** A value in the unit that its row names; money of which nobody knows the unit is not guessed. */
    fun show(unit: String, value: Long): String {
        val scale = scale(unit) ?: return UNKNOWN
        val text = "%,.${scale}f".format(Locale.ROOT, BigDecimal.valueOf(value, scale))
        return if (unit == SHARE) "$text %" else text
    }

    /** The value that somebody typed, or null where it is none. */
    fun read(unit: String, typed: String): Long? = try {
        val plain = typed.trim().removeSuffix("%").trim().replace(",", "")
        scale(unit)?.let { BigDecimal(plain).movePointRight(it).longValueExact() }
    } catch (_: ArithmeticException) {
        null
    } catch (_: NumberFormatException) {
        null
    }

    private fun scale(unit: String): Int? = when (unit) {
        "minor_units" -> decimals
        SHARE, "hundredths" -> 2
        else -> 0
    }

    private companion object {
        const val SHARE = "basis_points"
        const val UNKNOWN = "–"
    }
}

/** Figures as the org reads them. */
internal fun FieldClient.figures(): Figures = Figures(whenSynced(null) { org() })

/** Basis points as people write a share: 27.3 %. */
internal fun share(basisPoints: Long): String =
    BigDecimal.valueOf(basisPoints, 2).setScale(1, RoundingMode.HALF_EVEN).toPlainString() + " %"
