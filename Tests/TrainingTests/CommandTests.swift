import Testing

/// Tests that start programs, one at a time, so that they do not take each other's processors.
@Suite(.serialized) enum CommandTests {}
