import FieldsyncSample
import SwiftUI

/// A row: its words, and icon and colour together, never a colour alone.
struct LineRow: View {
  let line: Line

  var body: some View {
    HStack {
      VStack(alignment: .leading) {
        Text(line.title).font(.body)
        Text(line.detail).font(.footnote).foregroundStyle(.secondary)
      }
      Spacer()
      BadgeLabel(badge: line.badge)
    }
    .frame(minHeight: 44)
    .accessibilityElement(children: .combine)
  }
}

/// An icon with its words, in the colour of its tone (Tones.xcassets).
struct BadgeLabel: View {
  let badge: Badge

  var body: some View {
    Label(badge.text, systemImage: badge.symbol)
      .font(.footnote)
      .foregroundStyle(Color(badge.tone.rawValue))
  }
}

/// Choices of which each is one tap.
struct ChipRow: View {
  let title: String
  let chips: [Chip]
  let choose: (Chip) -> Void

  var body: some View {
    Section(title) {
      ScrollView(.horizontal, showsIndicators: false) {
        HStack {
          ForEach(chips) { chip in
            Button(chip.title, systemImage: chip.symbol) { choose(chip) }
              .buttonStyle(.bordered)
              .frame(minHeight: 44)
          }
        }
      }
    }
  }
}

/// What is missing or went wrong, at the foot of a screen.
struct NoticeText: View {
  let notice: String

  var body: some View {
    Text(notice).font(.footnote).foregroundStyle(.secondary).accessibilityAddTraits(.updatesFrequently)
  }
}
