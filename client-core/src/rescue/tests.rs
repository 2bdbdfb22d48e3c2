use super::*;
use crate::docs::samples::{device, header};
use crate::docs::{DocKind, Document};

fn secret(byte: u8) -> RescueSecret {
    RescueSecret::of_org(&[byte; 32])
}

fn rescue() -> Rescue {
    let header = header(DocKind::Customer);
    let mut document = Document::create(header);
    let context = device(1, 5);
    let change = document.edit_customer(&context, |edit| edit.set_name(Some("秘密工厂")));
    let change = change.unwrap().unwrap();
    let mut rescue = Rescue::new(RescueOrigin {
        org: header.org,
        user: header.author,
        user_name: "Anna".to_owned(),
        device: DeviceId::from_bytes([3; 16]),
        actor: context.actor,
        replica: ReplicaId::from_bytes([4; 16]),
        at: context.at,
    });
    rescue.changes.push(RescuedChange {
        header,
        stamp: None,
        bytes: ByteBuf::from(change.bytes),
        saved_at: context.at,
        state: "saved".to_owned(),
        reason: None,
    });
    rescue.documents.push(RescuedDocument { header, snapshot: ByteBuf::from(document.snapshot()) });
    rescue
}

#[test]
fn the_org_opens_what_its_phone_sealed_and_nothing_of_it_is_readable_before() {
    let rescue = rescue();
    let file = rescue.seal(&secret(1).public(), [9; 32]);
    let name = "秘密工厂".as_bytes();
    assert!(!file.windows(name.len()).any(|part| part == name));
    assert_eq!(Rescue::open(&file, rescue.org, &secret(1)), Ok(rescue));
}

#[test]
fn another_key_or_another_org_does_not_open_it() {
    let rescue = rescue();
    let file = rescue.seal(&secret(1).public(), [9; 32]);
    assert_eq!(Rescue::open(&file, rescue.org, &secret(2)), Err(OpenRescueError::Damaged));
    let own = OrgId::from_bytes([77; 16]);
    let refused = OpenRescueError::AnotherOrg { found: rescue.org, own };
    assert_eq!(Rescue::open(&file, own, &secret(1)), Err(refused));
}

#[test]
fn a_file_that_is_damaged_or_cut_anywhere_is_an_error_and_never_half_a_rescue() {
    let rescue = rescue();
    let file = rescue.seal(&secret(1).public(), [9; 32]);
    for cut in 0..file.len() {
        let part = file.get(..cut).unwrap();
        assert!(Rescue::open(part, rescue.org, &secret(1)).is_err(), "{cut}");
    }
    for place in (0..file.len()).step_by(7) {
        let mut damaged = file.clone();
        *damaged.get_mut(place).unwrap() ^= 1;
        assert!(Rescue::open(&damaged, rescue.org, &secret(1)).is_err(), "{place}");
    }
    assert_eq!(Rescue::open(b"a letter", rescue.org, &secret(1)), Err(OpenRescueError::NotOurs));
}

#[test]
fn the_layout_of_the_file_is_fixed() {
    let rescue = rescue();
    let file = rescue.seal(&secret(1).public(), [9; 32]);
    let start = data_encoding::HEXLOWER.encode(file.get(..67).unwrap());
    insta::assert_snapshot!(start, @"6669656c6473796e632072657363756520310a0202020202020202020202020202020257db4b359f23ae5e146e4e2512056704722506348c150c14753d0c933d04d421");
    let again = Rescue::open(&file, rescue.org, &secret(1)).unwrap();
    assert_eq!(again.seal(&secret(1).public(), [9; 32]), file);
}
