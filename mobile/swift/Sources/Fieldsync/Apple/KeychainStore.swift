#if canImport(Security)
  import Foundation
  import Security

  /// Keeps the client's secrets in the system's keychain: readable after the first unlock
  /// since the phone started, so that background work finds them, and on this device alone,
  /// so that they are in no backup.
  public final class KeychainStore: SecretStore {
    private let service: String

    /// A store under a service name of the app's own.
    public init(service: String = "fieldsync") {
      self.service = service
    }

    /// What is kept under a name; none if nothing is.
    public func load(name: String) throws -> Data? {
      var query = item(name)
      query[kSecReturnData] = true
      query[kSecMatchLimit] = kSecMatchLimitOne
      var found: CFTypeRef?
      let status = SecItemCopyMatching(query as CFDictionary, &found)
      guard status != errSecItemNotFound else { return nil }
      try check(status)
      return found as? Data
    }

    /// Keeps a secret, replacing an earlier one.
    public func keep(name: String, secret: Data) throws {
      let changed = SecItemUpdate(
        item(name) as CFDictionary, [kSecValueData: secret] as CFDictionary)
      guard changed == errSecItemNotFound else { return try check(changed) }
      var fresh = item(name)
      fresh[kSecValueData] = secret
      fresh[kSecAttrAccessible] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
      try check(SecItemAdd(fresh as CFDictionary, nil))
    }

    /// Forgets a secret; one that is not there is forgotten already.
    public func forget(name: String) throws {
      let status = SecItemDelete(item(name) as CFDictionary)
      guard status != errSecItemNotFound else { return }
      try check(status)
    }

    private func item(_ name: String) -> [CFString: Any] {
      [kSecClass: kSecClassGenericPassword, kSecAttrService: service, kSecAttrAccount: name]
    }

    private func check(_ status: OSStatus) throws {
      guard status != errSecSuccess else { return }
      let said = SecCopyErrorMessageString(status, nil) as String? ?? "status \(status)"
      throw FieldError.Keychain(detail: said)
    }
  }
#endif
