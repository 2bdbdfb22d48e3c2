plugins {
    id("com.android.library")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "fieldsync.android"
    compileSdk = 36
    defaultConfig {
        minSdk = 26
        // Those that mobile/scripts/package-android makes; JNA has more.
        ndk { abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64") }
        consumerProguardFiles("consumer-rules.pro")
    }
    sourceSets["main"].kotlin.srcDirs(
        "src/main/kotlin",
        // The same sources as on the JVM, where they are tested.
        "../../kotlin/sdk/src/main/kotlin",
        rootProject.file(providers.gradleProperty("fieldsync.bindings").get()),
    )
}

kotlin {
    jvmToolchain(17)
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
    implementation("net.java.dev.jna:jna:5.19.1@aar")
    implementation("androidx.work:work-runtime-ktx:2.10.5")
}
