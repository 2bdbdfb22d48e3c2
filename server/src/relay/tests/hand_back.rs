//! Giving a server back what it lost tells nothing to whoever asks for more.

use client_core::docs::{ChangeHash, Heads};
use client_core::id::DocId;
use client_core::protocol::{ChangeResult, HandBack, Offer};
use client_core::records::Role;

use crate::testing::{Phone, World};

/// Offers a document that is said to be known up to `heads`; what the server wants.
async fn offer(phone: &mut Phone, doc: DocId, heads: &Heads) -> Vec<Offer> {
    let mut request = phone.request(Vec::new());
    let offers = vec![Offer { doc, heads: heads.clone(), generation: Default::default() }];
    request.hand_back = Some(Box::new(HandBack { offers, ..HandBack::default() }));
    let answer = phone.exchange_as(request).await;
    answer.hand_back.map(|answer| answer.lacking).unwrap_or_default()
}

#[tokio::test]
async fn an_offer_tells_nothing_of_a_document_that_its_phone_does_not_read() {
    let world = World::new().await;
    let (mut anna, mut boris) = (world.rep("anna").await, world.rep("boris").await);
    world.person("vera", Role::Supervisor, &["north"]).await;
    let mut vera = world.phone("vera").await;
    let (header, change) = anna.customer(&world, "Acme");
    assert_eq!(anna.push(header, &change).await, ChangeResult::Stored);
    let here = anna.docs[&header.doc].heads();
    let guess = Heads::new(vec![ChangeHash([7; 32])]);
    let nowhere = DocId::from_bytes(world.id());

    for (phone, told) in [(&mut anna, &here), (&mut vera, &here), (&mut boris, &Heads::default())] {
        let wanted = offer(phone, header.doc, &guess).await;
        assert_eq!(wanted.len(), 1, "what is not known here is wanted");
        assert_eq!((wanted[0].doc, &wanted[0].heads), (header.doc, told), "{}", phone.user);
    }
    // The same as of a document that nobody has.
    let unknown = offer(&mut boris, nowhere, &guess).await;
    assert_eq!((unknown.len(), &unknown[0].heads), (1, &Heads::default()));
    assert_eq!(offer(&mut anna, header.doc, &here).await, Vec::new(), "nothing is lacking");
}
