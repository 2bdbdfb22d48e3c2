package fieldsync.android

import android.content.Context
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import fieldsync.core.FieldException
import fieldsync.core.SecretStore
import java.io.File
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.ProviderException
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * Secrets in files that a key of the phone's Keystore encrypts. The key never leaves the
 * phone, and the folder is outside backups: what a backup carried off could not be read.
 */
public class KeystoreSecrets(context: Context) : SecretStore {
    private val folder = File(context.noBackupFilesDir, "fieldsync-secrets").apply { mkdirs() }

    /** What no later try can read, because its key is gone or it is damaged, is not there. */
    override fun load(name: String): ByteArray? {
        val file = file(name).takeIf { it.isFile } ?: return null
        return guarded {
            val sealed = file.readBytes()
            val key = known() ?: return@guarded null
            if (sealed.size < NONCE + TAG_BITS / 8) return@guarded null
            try {
                val nonce = GCMParameterSpec(TAG_BITS, sealed, 0, NONCE)
                cipher(Cipher.DECRYPT_MODE, key, nonce).doFinal(sealed, NONCE, sealed.size - NONCE)
            } catch (_: AEADBadTagException) {
                null
            } catch (_: KeyPermanentlyInvalidatedException) {
                null
            }
        }
    }

    override fun keep(name: String, secret: ByteArray): Unit = guarded {
        val cipher = cipher(Cipher.ENCRYPT_MODE, key(), null)
        val fresh = File(folder, "${file(name).name}.new")
        fresh.outputStream().use { out ->
            out.write(cipher.iv + cipher.doFinal(secret))
            out.fd.sync()
        }
        if (!fresh.renameTo(file(name))) throw IOException("the secret could not be kept")
    }

    override fun forget(name: String): Unit = guarded {
        val file = file(name)
        if (!file.delete() && file.exists()) throw IOException("the secret could not be forgotten")
    }

    private fun file(name: String) = File(folder, name)

    private fun cipher(mode: Int, key: SecretKey, nonce: GCMParameterSpec?): Cipher =
        Cipher.getInstance("AES/GCM/NoPadding").apply { init(mode, key, nonce) }

    private fun known(): SecretKey? =
        KeyStore.getInstance(PROVIDER).apply { load(null) }.getKey(ALIAS, null) as? SecretKey

    /** One at a time: of two that make the key, one would seal with a key that is replaced. */
    private fun key(): SecretKey = synchronized(MAKING) {
        known()?.let { return@synchronized it }
        val wanted = KeyGenParameterSpec.Builder(
            ALIAS,
            KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT,
        )
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(KEY_BITS)
            .build()
        KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER)
            .apply { init(wanted) }
            .generateKey()
    }

    private fun <T> guarded(act: () -> T): T = try {
        act()
    } catch (error: GeneralSecurityException) {
        throw FieldException.Keychain(error.toString())
    } catch (error: ProviderException) {
        // What a Keystore throws that is locked, worn out or restarting.
        throw FieldException.Keychain(error.toString())
    } catch (error: IOException) {
        throw FieldException.Keychain(error.toString())
    }

    private companion object {
        val MAKING = Any()
        const val PROVIDER = "AndroidKeyStore"
        const val ALIAS = "fieldsync"
        const val KEY_BITS = 256
        const val NONCE = 12
        const val TAG_BITS = 128
    }
}
