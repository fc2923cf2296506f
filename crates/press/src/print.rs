//! From a record to the bytes of a PDF: make the texts printable, lay out, look for missing glyphs, export.

use std::collections::BTreeSet;

use serde_json::Value;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst::layout::{Frame, FrameItem, Point};
use typst::text::TextItem;
use typst::{WorldExt, comemo};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::words::{Printable, printable_make};
use crate::world::{PressWorld, fonts_have};
use crate::{GeneratedPrint, PressError, RecordPrint, limits, plot};

/// A glyph can be missing although a font has the character (a letter and its mark from two fonts). Each round names
/// those that failed; after this many, only ASCII is printed as it is.
const ROUNDS_MAX: usize = 3;

/// Prints a record as PDF/A-2a (tagged, fonts embedded), US Letter.
///
/// The same record gives the same bytes. A character that no shipped font has is printed as ⟨U+XXXX⟩. Takes 50 to
/// 80 ms a page of one core: call it where blocking is allowed.
///
/// # Errors
/// A list or text over its limit, a time of printing that is no date; [`PressError::Layout`] and
/// [`PressError::Export`] would be faults of the template.
pub fn record_pdf(record: &RecordPrint) -> Result<Vec<u8>, PressError> {
    let timestamp = generated_timestamp(&record.generated)?;
    data_print(&record_data(record)?, &record.reference, timestamp)
}

/// Prints a record that is data already.
pub(crate) fn data_print(
    data: &Value,
    reference: &str,
    timestamp: Timestamp,
) -> Result<Vec<u8>, PressError> {
    let _cleared = CachesCleared;
    match document_lay(data).and_then(|document| document_export(&document, reference, timestamp)) {
        Err(PressError::Export) => {
            document_export(&lay_once(data, &Printable::Ascii)?, reference, timestamp)
        }
        printed => printed,
    }
}

/// Empties the layout engine's caches when a print is over, however it ends: they hold the record's text.
struct CachesCleared;

impl Drop for CachesCleared {
    fn drop(&mut self) {
        comemo::evict(0);
    }
}

/// The record as data for the template, within its limits, with the plot placed.
pub(crate) fn record_data(record: &RecordPrint) -> Result<Value, PressError> {
    limits::counts_check(record)?;
    let mut data = serde_json::to_value(record).map_err(PressError::Data)?;
    let placed = record.plot.as_ref().and_then(plot::plot_place);
    data["plot"] = serde_json::to_value(placed).map_err(PressError::Data)?;
    limits::texts_check(&data)?;
    Ok(data)
}

/// Lays out the pages so that every glyph is there.
pub(crate) fn document_lay(data: &Value) -> Result<PagedDocument, PressError> {
    let has = fonts_have()?;
    let mut refused = BTreeSet::new();
    for _round in 0..ROUNDS_MAX {
        let document = lay_once(
            data,
            &Printable::Fonts {
                has: &has,
                refused: &refused,
            },
        )?;
        let missing = glyphs_missing(&document);
        if missing.is_empty() {
            return Ok(document);
        }
        refused.extend(missing);
    }
    lay_once(data, &Printable::Ascii)
}

fn lay_once(data: &Value, printable: &Printable<'_>) -> Result<PagedDocument, PressError> {
    let mut data = data.clone();
    printable_make(&mut data, printable);
    let world = PressWorld::new(serde_json::to_vec(&data).map_err(PressError::Data)?)?;
    typst::compile::<PagedDocument>(&world)
        .output
        .map_err(|failures| layout_error(&world, failures.first()))
}

fn layout_error(world: &PressWorld, failure: Option<&SourceDiagnostic>) -> PressError {
    // A test may see the engine's words; the program must not: they can quote the record.
    #[cfg(test)]
    eprintln!("{failure:?}");
    let span = failure.map(|failure| failure.span);
    let (file, line) = span
        .and_then(|span| Some(world.place(span.id()?, world.range(span)?.start)))
        .unwrap_or_default();
    PressError::Layout { file, line }
}

/// The characters whose glyph was missing in all fonts.
fn glyphs_missing(document: &PagedDocument) -> BTreeSet<char> {
    let mut missing = BTreeSet::new();
    let mut visit = |_place, text: &TextItem| {
        for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
            let range = usize::from(glyph.range.start)..usize::from(glyph.range.end);
            missing.extend(
                text.text
                    .get(range)
                    .into_iter()
                    .flat_map(str::chars)
                    .filter(|c| !c.is_ascii()),
            );
        }
    };
    document
        .pages()
        .iter()
        .for_each(|page| frame_visit(&page.frame, Point::zero(), &mut visit));
    missing
}

/// Visits every run of text of one frame, with its place (where nothing is turned or scaled).
pub(crate) fn frame_visit(frame: &Frame, origin: Point, visit: &mut dyn FnMut(Point, &TextItem)) {
    for (place, item) in frame.items() {
        let place = origin + *place;
        match item {
            FrameItem::Group(group) => frame_visit(&group.frame, place, visit),
            FrameItem::Text(text) => visit(place, text),
            FrameItem::Shape(..)
            | FrameItem::Image(..)
            | FrameItem::Link(..)
            | FrameItem::Tag(_) => {}
        }
    }
}

fn document_export(
    document: &PagedDocument,
    reference: &str,
    timestamp: Timestamp,
) -> Result<Vec<u8>, PressError> {
    let standards = PdfStandards::new(&[PdfStandard::A_2a]).map_err(|_| PressError::Export)?;
    let options = PdfOptions {
        ident: Smart::Custom(reference.to_owned()),
        creator: Smart::Custom(Some("Clerestory".to_owned())),
        timestamp: Some(timestamp),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|failures| {
        #[cfg(test)]
        eprintln!("{failures:?}");
        drop(failures);
        PressError::Export
    })
}

pub(crate) fn generated_timestamp(at: &GeneratedPrint) -> Result<Timestamp, PressError> {
    let year = i32::from(at.year);
    let date = Datetime::from_ymd_hms(year, at.month, at.day, at.hour, at.minute, at.second);
    date.filter(|_| (1..=9999).contains(&year))
        .map(Timestamp::new_utc)
        .ok_or(PressError::GeneratedTime)
}
