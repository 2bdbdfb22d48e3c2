package fieldsync

import fieldsync.core.OpenConfig
import kotlinx.coroutines.runBlocking

/** Saves customers in a folder, and says which, until it is killed. */
public fun main(arguments: Array<String>): Unit = runBlocking {
    val (folder) = arguments
    val config = OpenConfig(folder, Stage.DEAD, "kotlin", "test", "0.1.0", "Asia/Shanghai", 28800)
    val client = Fieldsync.open(config)
    while (true) {
        println(client.newCustomer())
        System.out.flush()
    }
}
