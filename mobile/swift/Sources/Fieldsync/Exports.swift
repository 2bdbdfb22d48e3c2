/// Rows, errors and queries are the core's own types: what one language shows, all show.
@_exported import FieldsyncCore
