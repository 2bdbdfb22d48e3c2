//! fieldsync's server.
