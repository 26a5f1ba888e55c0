//! What evidence files may be, and what is taken out of them.
//!
//! A file is what its content says, never what its name or its sender says. Four kinds are taken: PDF, JPEG,
//! PNG and WebP. Images lose everything that is not needed to show them: where and when a photo was taken,
//! with which telephone, its thumbnail, comments, and whatever stands behind the image's end; of a JPEG's EXIF only
//! how the camera was held is written anew. Nothing is decoded or unpacked, so there is nothing that a small file
//! could blow up into. A PDF keeps its metadata.

use img_parts::{
    Bytes, ImageEXIF,
    jpeg::{Jpeg, markers},
    png::Png,
    riff::{RiffChunk, RiffContent},
    webp::WebP,
};
use sha2::{Digest, Sha256};

use crate::words;

/// The largest file, in bytes: a photo of a telephone, or a scanned certificate of some pages.
pub const MOST_BYTES: usize = 10 << 20;
/// The most files beside one answer.
pub const MOST_FILES: u64 = 10;

words! {
    /// The kinds of files that are taken.
    pub enum MediaType {
        /// A document.
        Pdf = "application/pdf",
        /// A photo.
        Jpeg = "image/jpeg",
        /// An image.
        Png = "image/png",
        /// An image.
        WebP = "image/webp",
    }
}

impl MediaType {
    /// What the content is; none: nothing that is taken.
    pub fn of(content: &[u8]) -> Option<Self> {
        infer::get(content)?.mime_type().parse().ok()
    }

    /// The ending of a file's name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }
}

/// Why a file is not taken; the code of a field error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// It is empty.
    Empty,
    /// It is larger than [`MOST_BYTES`].
    TooLarge,
    /// It is of no kind that is taken.
    Kind,
    /// It claims to be an image and can't be read as one.
    Broken,
}

impl Refused {
    /// The code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "file-empty",
            Self::TooLarge => "file-too-large",
            Self::Kind => "file-of-another-kind",
            Self::Broken => "file-broken",
        }
    }
}

/// A file that can be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clean {
    /// What it is.
    pub media_type: MediaType,
    /// What is kept of it.
    pub content: Bytes,
    /// SHA-256 of that, in hexadecimal.
    pub sha256: String,
}

impl Clean {
    /// How many bytes are kept.
    pub fn size(&self) -> i64 {
        i64::try_from(self.content.len()).unwrap_or(i64::MAX)
    }
}

impl Clean {
    /// Takes a file, and out of it what must not be kept.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn take(content: Bytes) -> Result<Self, Refused> {
        if content.is_empty() {
            return Err(Refused::Empty);
        }
        if content.len() > MOST_BYTES {
            return Err(Refused::TooLarge);
        }
        let media_type = MediaType::of(&content).ok_or(Refused::Kind)?;
        let content = match media_type {
            MediaType::Pdf => content,
            MediaType::Jpeg => jpeg(content)?,
            MediaType::Png => png(content)?,
            MediaType::WebP => webp(content)?,
        };
        let sha256 = hex::encode(Sha256::digest(&content));
        Ok(Self { media_type, content, sha256 })
    }
}

/// Keeps what an image needs to be shown: of the application segments JFIF's, the colour profile and Adobe's
/// note on colours. What stands behind the end of the image goes.
fn jpeg(content: Bytes) -> Result<Bytes, Refused> {
    let mut image = Jpeg::from_bytes(content).map_err(|_| Refused::Broken)?;
    image.dimensions().ok_or(Refused::Broken)?;
    let upright = image.exif().and_then(|exif| orientation(&exif)).filter(|turned| *turned != 1);
    image.segments_mut().retain(|segment| {
        let profile = segment.marker() == markers::APP2 && segment.contents().starts_with(b"ICC_PROFILE\0");
        let shown = [markers::APP0, markers::APP14].contains(&segment.marker());
        let other = !(markers::APP0..=markers::APP15).contains(&segment.marker());
        (other && segment.marker() != markers::COM) || profile || shown
    });
    if let Some(turned) = upright {
        image.set_exif(Some(only_orientation(turned)));
    }
    Ok(to_the_end(&image.encoder().bytes()).ok_or(Refused::Broken)?.into())
}

/// How the camera was held, of what EXIF says: 1 is upright, up to 8. The tag is in the first directory.
fn orientation(exif: &[u8]) -> Option<u16> {
    let number: fn([u8; 2]) -> u16 = match exif.get(..4)? {
        b"II*\0" => u16::from_le_bytes,
        b"MM\0*" => u16::from_be_bytes,
        _ => return None,
    };
    let short = |at: usize| Some(number(exif.get(at..at + 2)?.try_into().ok()?));
    let long = |at: usize| {
        let (first, second) = (usize::from(short(at)?), usize::from(short(at + 2)?));
        Some(if exif[0] == b'I' { (second << 16) | first } else { (first << 16) | second })
    };
    let directory = long(4)?;
    let entries = usize::from(short(directory)?);
    let entry = (0..entries).map(|at| directory + 2 + 12 * at).find(|at| short(*at) == Some(ORIENTATION))?;
    short(entry + 8).filter(|turned| (1..=8).contains(turned))
}

/// The tag of how the camera was held.
const ORIENTATION: u16 = 0x0112;

/// EXIF that says how the camera was held, and nothing else: else an upright photo would lie on its side.
fn only_orientation(turned: u16) -> Bytes {
    let mut exif = b"II*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend(ORIENTATION.to_le_bytes());
    // One number of 16 bits, filled up to 32; no further directory.
    exif.extend([3, 0, 1, 0, 0, 0]);
    exif.extend(turned.to_le_bytes());
    exif.extend([0; 6]);
    exif.into()
}

/// The image up to the end marker that closes it, without comments and application segments between its scans: those
/// before the first are looked at one by one. Within a scan a byte FF is followed by 00 or a restart marker; between
/// scans there are segments with lengths.
fn to_the_end(image: &[u8]) -> Option<Vec<u8>> {
    let (mut kept, mut at, mut has_scan) = (image.get(..2)?.to_vec(), 2, false);
    loop {
        let from = at;
        let marker = match image.get(at..at + 2)? {
            [0xff, 0xff] => {
                at += 1;
                continue;
            }
            [0xff, marker] => *marker,
            _ => return None,
        };
        at += 2;
        if !matches!(marker, markers::EOI | 0x01 | markers::RST0..=markers::RST7) {
            let length = image.get(at..at + 2)?;
            at += usize::from(u16::from_be_bytes([length[0], length[1]]));
        }
        if marker == markers::SOS {
            has_scan = true;
            at += scan(image.get(at..)?)?;
        }
        let segment = image.get(from..at)?;
        if !(has_scan && matches!(marker, markers::APP0..=markers::APP15 | markers::COM)) {
            kept.extend_from_slice(segment);
        }
        if marker == markers::EOI {
            return Some(kept);
        }
    }
}

/// How long the data of a scan are: up to the next marker that is none of a scan's own.
fn scan(data: &[u8]) -> Option<usize> {
    let is_marker =
        |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff | markers::RST0..=markers::RST7);
    data.windows(2).position(is_marker)
}

/// The chunks that an image needs to be shown; text, times and everything unknown goes.
const PNG_KEPT: &[&[u8; 4]] = &[
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs",
    b"bKGD",
];

fn png(content: Bytes) -> Result<Bytes, Refused> {
    let mut image = Png::from_bytes(content).map_err(|_| Refused::Broken)?;
    image.dimensions().ok_or(Refused::Broken)?;
    if image.chunks().last().is_none_or(|chunk| chunk.kind() != *b"IEND") {
        return Err(Refused::Broken);
    }
    image.chunks_mut().retain(|chunk| PNG_KEPT.contains(&&chunk.kind()));
    Ok(image.encoder().bytes())
}

/// The chunks that an image needs to be shown.
const WEBP_KEPT: &[&[u8; 4]] = &[b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// The bit of the extended header that announces XMP.
const XMP: u8 = 0b0000_0100;

fn webp(content: Bytes) -> Result<Bytes, Refused> {
    let mut image = WebP::from_bytes(content).map_err(|_| Refused::Broken)?;
    image.dimensions().ok_or(Refused::Broken)?;
    // Takes the announcement of EXIF out of the extended header as well.
    image.set_exif(None);
    for chunk in image.chunks_mut() {
        if let (b"VP8X", RiffContent::Data(header)) = (&chunk.id(), chunk.content()) {
            let mut header = header.to_vec();
            if let Some(flags) = header.first_mut() {
                *flags &= !XMP;
            }
            *chunk = RiffChunk::new(*b"VP8X", RiffContent::Data(header.into()));
        }
    }
    image.chunks_mut().retain(|chunk| WEBP_KEPT.contains(&&chunk.id()));
    Ok(image.encoder().bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"GPSLatitude -33.4489";

    fn has(content: &[u8], what: &[u8]) -> bool {
        content.windows(what.len()).any(|part| part == what)
    }

    /// A JPEG of 1 × 1 point (its scan is no real one; nobody decodes it here), with what comes before the
    /// scan and after the end.
    fn photo(before: &[(u8, &[u8])], after: &[u8]) -> Bytes {
        let mut image = vec![0xff, 0xd8];
        let frame: &[u8] = &[8, 0, 1, 0, 1, 1, 1, 0x11, 0];
        let scan: &[u8] = &[1, 1, 0, 0, 63, 0];
        for (marker, content) in before.iter().copied().chain([(0xc0, frame), (0xda, scan)]) {
            image.extend([0xff, marker]);
            image.extend(u16::try_from(content.len() + 2).unwrap().to_be_bytes());
            image.extend(content);
        }
        image.extend([0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd9]);
        image.extend(after);
        image.into()
    }

    fn chunk(kind: [u8; 4], content: &[u8]) -> img_parts::png::PngChunk {
        img_parts::png::PngChunk::new(kind, Bytes::copy_from_slice(content))
    }

    fn drawing(extra: &[(&[u8; 4], &[u8])]) -> Bytes {
        let signature: &[u8] = &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
        let header: &[u8] = &[0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0];
        let chunks = [(b"IHDR", header)].into_iter().chain(extra.iter().copied());
        let mut image = signature.to_vec();
        for (kind, content) in chunks.chain([(b"IDAT", &b"x"[..]), (b"IEND", &b""[..])]) {
            image.extend(chunk(*kind, content).encoder().bytes());
        }
        image.into()
    }

    fn webp_image(extra: &[(&[u8; 4], &[u8])]) -> Bytes {
        let header = [0b0000_1100_u8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        // One frame of VP8L: signature, width and height of one point.
        let frame = [0x2f_u8, 0, 0, 0, 0, 0];
        let mut body = b"WEBP".to_vec();
        for (kind, content) in
            [(b"VP8X", &header[..]), (b"VP8L", &frame[..])].into_iter().chain(extra.iter().copied())
        {
            body.extend(kind);
            body.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
            body.extend(content);
            body.extend(std::iter::repeat_n(0, content.len() % 2));
        }
        let mut image = b"RIFF".to_vec();
        image.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
        image.extend(body);
        image.into()
    }

    #[test]
    fn a_photo_loses_where_it_was_taken() {
        let exif = [b"Exif\0\0", SECRET].concat();
        let icc = b"ICC_PROFILE\0\x01\x01colours";
        let dirty = photo(
            &[
                (0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
                (0xe1, &exif),
                (0xe1, b"http://ns.adobe.com/xap/1.0/\0GPSLatitude -33.4489"),
                (0xe2, icc),
                (0xed, b"Photoshop 3.0 GPSLatitude -33.4489"),
                (0xfe, b"comment GPSLatitude -33.4489"),
            ],
            b"PK\x03\x04 a hidden archive GPSLatitude -33.4489",
        );
        assert!(has(&dirty, SECRET));
        let clean = Clean::take(dirty).unwrap();
        assert_eq!(clean.media_type, MediaType::Jpeg);
        assert!(!has(&clean.content, SECRET) && !has(&clean.content, b"PK"), "{:?}", clean.content);
        assert!(has(&clean.content, b"JFIF") && has(&clean.content, icc));
        assert!(clean.content.ends_with(&[0x56, 0xff, 0xd9]));
        // Nothing more to take out: what is kept stays as it is.
        assert_eq!(Clean::take(clean.content.clone()).unwrap(), clean);
    }

    /// Of a progressive image each scan may have segments before it.
    #[test]
    fn what_stands_between_scans_goes_as_well() {
        let segment = |marker: u8, content: &[u8]| {
            let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
            [&[0xff, marker][..], &length, content].concat()
        };
        let first = photo(&[], b"");
        let first = &first[..first.len() - 2];
        let second =
            [segment(0xc4, b"table"), segment(0xda, &[1, 1, 0, 0, 63, 0]), b"\x78\xff\xd9".to_vec()].concat();
        let note = [segment(0xfe, SECRET), segment(0xe1, SECRET)].concat();
        let clean = Clean::take([first, &note, &second].concat().into()).unwrap();
        assert_eq!(clean.content, [first, &second].concat());
    }

    #[test]
    fn a_photo_stays_upright_and_says_nothing_else() {
        // Big-endian, as many telephones write it: make and orientation, and where it was taken behind.
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02".to_vec();
        exif.extend(b"\x01\x0f\0\x02\0\0\0\x04ACME");
        exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
        exif.extend(b"\0\0\0\0");
        exif.extend(SECRET);
        let clean = Clean::take(photo(&[(0xe1, &exif)], b"")).unwrap();
        assert!(!has(&clean.content, SECRET) && !has(&clean.content, b"ACME"), "{:?}", clean.content);
        let image = Jpeg::from_bytes(clean.content.clone()).unwrap();
        assert_eq!(image.exif().as_deref().and_then(orientation), Some(6));
        assert_eq!(image.exif().unwrap().len(), 26);
        assert_eq!(Clean::take(clean.content.clone()).unwrap(), clean);
        // What is cut off, points outside or is no direction says nothing, and an upright one needs no note.
        for broken in [&exif[6..20], b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff", b"??"] {
            assert_eq!(orientation(broken), None, "{broken:?}");
        }
        let upright = [b"Exif\0\0", only_orientation(1).as_ref()].concat();
        assert!(!has(&Clean::take(photo(&[(0xe1, &upright)], b"")).unwrap().content, b"Exif"));
        let ninth = [b"Exif\0\0", only_orientation(9).as_ref()].concat();
        assert!(!has(&Clean::take(photo(&[(0xe1, &ninth)], b"")).unwrap().content, b"Exif"));
    }

    #[test]
    fn a_drawing_and_a_web_image_lose_their_texts() {
        let dirty =
            drawing(&[(b"tEXt", SECRET), (b"eXIf", SECRET), (b"iTXt", SECRET), (b"gAMA", &[0, 0, 177, 143])]);
        let mut longer = dirty.to_vec();
        longer.extend(SECRET);
        let clean = Clean::take(longer.into()).unwrap();
        assert_eq!(clean.media_type, MediaType::Png);
        assert!(!has(&clean.content, SECRET) && has(&clean.content, b"gAMA"));

        let dirty = webp_image(&[(b"EXIF", SECRET), (b"XMP ", SECRET), (b"junk", SECRET)]);
        assert!(has(&dirty, SECRET));
        let clean = Clean::take(dirty).unwrap();
        assert_eq!(clean.media_type, MediaType::WebP);
        assert!(!has(&clean.content, SECRET));
        // The extended header announces neither EXIF nor XMP any more.
        let header = clean.content.windows(4).position(|part| part == b"VP8X").unwrap();
        assert_eq!(clean.content[header + 8] & 0b0000_1100, 0);
    }

    #[test]
    fn a_file_is_what_its_content_says() {
        let refused = |content: &[u8]| Clean::take(Bytes::copy_from_slice(content)).unwrap_err();
        assert_eq!(refused(b""), Refused::Empty);
        for content in [
            &b"<html><script>alert(1)</script></html>"[..],
            b"PK\x03\x04\x14\0\0\0\x08\0",
            b"\x7fELF\x02\x01\x01",
            b"GIF89a\x01\0\x01\0",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
            b"just words",
        ] {
            assert_eq!(refused(content), Refused::Kind, "{content:?}");
        }
        assert_eq!(refused(&photo(&[], b"")[..20]), Refused::Broken);
        assert_eq!(refused(&drawing(&[])[..40]), Refused::Broken);
        assert_eq!(refused(b"RIFF\x10\0\0\0WEBPVP8 \xff\xff\xff\x7f"), Refused::Broken);
        let mut large = b"%PDF-1.7\n".to_vec();
        large.resize(MOST_BYTES, 0);
        assert_eq!(Clean::take(large.clone().into()).unwrap().media_type, MediaType::Pdf);
        large.push(0);
        assert_eq!(Clean::take(large.into()).unwrap_err(), Refused::TooLarge);
    }
}
