import FieldsyncSample

/// What the day was told on the command line.
struct Arguments {
  var server = ""
  var login = ""
  var password = ""
  var dir = ""
  var language = Language.english

  static let usage = """
    usage: fieldsync-day --server URL --login NAME --password WORD --dir FOLDER [--language TAG]
    """

  /// Reads `--name value` pairs; none where one is missing.
  init?(_ arguments: [String]) {
    var words = arguments.dropFirst().makeIterator()
    while let name = words.next() {
      guard let value = words.next() else { return nil }
      switch name {
      case "--server": server = value
      case "--login": login = value
      case "--password": password = value
      case "--dir": dir = value
      case "--language": language = Language(tag: value)
      default: return nil
      }
    }
    guard ![server, login, password, dir].contains("") else { return nil }
  }
}
