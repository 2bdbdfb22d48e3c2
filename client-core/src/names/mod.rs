//! Names of people and companies: folding, pinyin, likeness, phone numbers.
