// SwiftPM wants a source file beside a header; the code is in the library.
