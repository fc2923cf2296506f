//! The whole world that the layout engine sees: our template, our fonts, one record.
//!
//! Invariant: no file system, no network, no package, no clock (`today` has no answer).

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::PressError;

/// In the order in which a missing glyph is looked for.
const FONTS: [&[u8]; 4] = [
    include_bytes!("../fonts/SourceSans3-Regular.ttf"),
    include_bytes!("../fonts/SourceSans3-Semibold.ttf"),
    include_bytes!("../fonts/DejaVuSans.ttf"),
    include_bytes!("../fonts/DejaVuSansMono.ttf"),
];

/// The template; the first file is the one that is laid out.
const TEMPLATE: [(&str, &str); 4] = [
    ("record.typ", include_str!("../template/record.typ")),
    ("page.typ", include_str!("../template/page.typ")),
    ("parts.typ", include_str!("../template/parts.typ")),
    ("plot.typ", include_str!("../template/plot.typ")),
];

/// Where the template reads the record.
const DATA: &str = "record.json";

/// What every print shares. Read once; holds nothing of any record.
struct Workshop {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    sources: Vec<Source>,
    data: FileId,
}

static WORKSHOP: LazyLock<Option<Workshop>> = LazyLock::new(Workshop::open);

impl Workshop {
    fn open() -> Option<Self> {
        let fonts = FONTS
            .into_iter()
            .map(|font| Font::new(Bytes::new(font), 0))
            .collect::<Option<Vec<_>>>()?;
        let sources = TEMPLATE
            .into_iter()
            .map(|(name, text)| Some(Source::new(file_id(name)?, text.into())))
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            sources,
            data: file_id(DATA)?,
        })
    }
}

fn file_id(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(name).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// One record's world.
pub(crate) struct PressWorld {
    workshop: &'static Workshop,
    data: Bytes,
}

impl PressWorld {
    /// A world that holds `data` (JSON) as its record.
    ///
    /// # Errors
    /// [`PressError::Fonts`] when the shipped fonts or template cannot be read.
    pub(crate) fn new(data: Vec<u8>) -> Result<Self, PressError> {
        let workshop = WORKSHOP.as_ref().ok_or(PressError::Fonts)?;
        Ok(Self {
            workshop,
            data: Bytes::new(data),
        })
    }

    /// Where a failure lies in the template: file and line (from 1).
    pub(crate) fn place(&self, id: FileId, offset: usize) -> (String, usize) {
        let source = self
            .workshop
            .sources
            .iter()
            .find(|source| source.id() == id);
        let line = source
            .and_then(|source| source.lines().byte_to_line(offset))
            .map_or(0, |line| line + 1);
        (id.get().vpath().get_without_slash().to_owned(), line)
    }
}

/// Says whether any shipped font has a character.
///
/// # Errors
/// [`PressError::Fonts`] when the shipped fonts cannot be read.
pub(crate) fn fonts_have() -> Result<impl Fn(char) -> bool, PressError> {
    let workshop = WORKSHOP.as_ref().ok_or(PressError::Fonts)?;
    Ok(|c: char| {
        workshop
            .fonts
            .iter()
            .any(|font| font.info().coverage.contains(u32::from(c)))
    })
}

impl World for PressWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.workshop.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.workshop.book
    }

    fn main(&self) -> FileId {
        self.workshop.sources[0].id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let found = self
            .workshop
            .sources
            .iter()
            .find(|source| source.id() == id);
        found.cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.workshop.data {
            Ok(self.data.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.workshop.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
