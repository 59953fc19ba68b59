//! One binary for all integration tests, so that linking is paid once.
