// swift-tools-version: 6.0
import PackageDescription

// On Apple's systems the core is an XCFramework, made by mobile/scripts/package-ios. Where
// FIELDSYNC_LIBRARY_DIR names a folder with the library in it (Linux, or a quick test on a
// Mac), the package links that; SwiftPM allows its flags in a root package alone.
let libraryDir = Context.environment["FIELDSYNC_LIBRARY_DIR"]

let core: Target =
  if let libraryDir {
    .target(
      name: "fieldsync_mobileFFI",
      path: "FFI",
      linkerSettings: [
        .unsafeFlags(["-L", libraryDir, "-Xlinker", "-rpath", "-Xlinker", libraryDir]),
        // Swift 6.0's libswiftObservation on Linux names a function for its own fatal errors
        // that no library has; it is never called otherwise.
        .unsafeFlags(["-Xlinker", "--allow-shlib-undefined"], .when(platforms: [.linux])),
        .linkedLibrary("fieldsync_mobile"),
      ])
  } else {
    .binaryTarget(name: "fieldsync_mobileFFI", path: "Fieldsync.xcframework")
  }

let package = Package(
  name: "Fieldsync",
  platforms: [.iOS(.v17), .macOS(.v14)],
  products: [
    .library(name: "Fieldsync", targets: ["Fieldsync"]),
    .library(name: "FieldsyncSample", targets: ["FieldsyncSample"]),
  ],
  targets: [
    core,
    // Generated. Its code does not pass Swift 6's checks (uniffi-rs 2929), so it keeps to 5.
    .target(
      name: "FieldsyncCore", dependencies: ["fieldsync_mobileFFI"], path: "Core",
      swiftSettings: [.swiftLanguageMode(.v5)]),
    .target(name: "Fieldsync", dependencies: ["FieldsyncCore"]),
    .target(name: "FieldsyncSample", dependencies: ["Fieldsync"], path: "Sample/Models"),
    .executableTarget(
      name: "fieldsync-day", dependencies: ["Fieldsync", "FieldsyncSample"], path: "Sample/Day"),
    // A process that tests kill.
    .executableTarget(name: "fieldsync-saver", dependencies: ["Fieldsync"], path: "Tests/Saver"),
    .testTarget(name: "FieldsyncTests", dependencies: ["Fieldsync", "fieldsync-saver"]),
    .testTarget(name: "SampleTests", dependencies: ["Fieldsync", "FieldsyncSample"]),
  ]
)
