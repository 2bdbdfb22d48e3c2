-- The cards as they stood when their period closed. What comes later moves the card in
-- `scorecard`, and this one stays: the two are the restatement.
create table closed_card (
    org blob not null,
    rep blob not null,
    period text not null,
    as_of integer not null,
    rules_version integer not null,
    policy_hash blob not null,
    inputs_digest blob not null,
    outcome_digest blob not null,
    outcome blob not null,
    total_centipoints integer,
    closed_at integer not null,
    primary key (org, rep, period)
) strict;
create index closed_card_by_period on closed_card (org, period);
