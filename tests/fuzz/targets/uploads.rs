//! Any bytes as a file that people send. What the first byte says decides how: `m` the rest is a multipart body, `f` it is
//! the file of one that is well made, `p` it is pieces of a PNG, which get their checksums here. Anything else is a file.

#![no_main]

use std::{convert::Infallible, sync::LazyLock};

use axum::{
    body::Body,
    extract::{FromRequest, Multipart},
    http::{HeaderValue, Request, header},
};
use eslabon::foundation::{
    files::{
        clean::{Clean, MediaType, Refused},
        transfer::only_file,
    },
    problem::Problem,
};
use eslabon_fuzz::check_problem;
use futures_util::stream;
use img_parts::{
    Bytes, ImageEXIF,
    jpeg::{Jpeg, markers},
    png::{Png, PngChunk},
    webp::WebP,
};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().build().expect("a runtime can be made"));

/// What an image may be made of once it is cleaned.
const PNG_KEPT: [&[u8; 4]; 12] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs",
    b"bKGD",
];
const WEBP_KEPT: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// The bits of a WebP's extended header that announce EXIF and XMP.
const ANNOUNCED: u8 = 0b0000_1100;
/// EXIF that says how the camera was held, and nothing else.
const EXIF_LENGTH: usize = 26;

const BOUNDARY: &str = "eslabon-boundary";

/// What is kept of a file is what it is said to be, has nothing in it that is not needed to show it, and is kept as it is
/// when it comes once more.
fn file(content: Bytes) {
    let Ok(clean) = Clean::take(content.clone()) else { return };
    assert_eq!(clean.sha256, hex::encode(Sha256::digest(&clean.content)));
    assert_eq!(MediaType::of(&clean.content), Some(clean.media_type));
    match clean.media_type {
        MediaType::Pdf => assert_eq!(clean.content, content),
        MediaType::Jpeg => jpeg(content, &clean.content),
        MediaType::Png => png(content, &clean.content),
        MediaType::WebP => webp(&clean.content),
    }
    // The extended header of a WebP goes once nothing is left that needs it.
    if clean.media_type != MediaType::WebP {
        assert_eq!(Clean::take(clean.content.clone()).as_ref(), Ok(&clean));
    }
}

fn jpeg(dirty: Bytes, clean: &Bytes) {
    let dirty = Jpeg::from_bytes(dirty).expect("it was read before");
    let image = Jpeg::from_bytes(clean.clone()).expect("what is kept is an image");
    assert_eq!(image.dimensions(), dirty.dimensions());
    assert!(clean.ends_with(&[markers::P, markers::EOI]));
    for segment in image.segments() {
        let is_needed = match segment.marker() {
            markers::APP1 => {
                segment.contents().starts_with(b"Exif\0\0") && segment.contents().len() == 6 + EXIF_LENGTH
            }
            markers::APP2 => segment.contents().starts_with(b"ICC_PROFILE\0"),
            markers::APP0 | markers::APP14 => true,
            marker => !(markers::APP0..=markers::APP15).contains(&marker) && marker != markers::COM,
        };
        assert!(is_needed, "{segment:?} is kept");
    }
    if let Some(exif) = image.exif() {
        assert!(exif.starts_with(b"II*\0") && exif.len() == EXIF_LENGTH, "{exif:?}");
    }
}

fn png(dirty: Bytes, clean: &Bytes) {
    let dirty = Png::from_bytes(dirty).expect("it was read before");
    let image = Png::from_bytes(clean.clone()).expect("what is kept is an image");
    assert_eq!(image.dimensions(), dirty.dimensions());
    assert_eq!(image.len(), clean.len(), "something stands behind the end");
    assert!(image.chunks().iter().all(|chunk| PNG_KEPT.contains(&&chunk.kind())));
    assert!(image.chunks().last().is_some_and(|chunk| chunk.kind() == *b"IEND"));
}

fn webp(clean: &Bytes) {
    let image = WebP::from_bytes(clean.clone()).expect("what is kept is an image");
    assert!(image.chunks().iter().all(|chunk| WEBP_KEPT.contains(&&chunk.id())));
    let header = image.chunk_by_id(*b"VP8X").and_then(|chunk| chunk.content().data());
    let flags = header.and_then(|header| header.first()).copied().unwrap_or_default();
    assert_eq!(flags & ANNOUNCED, 0);
}

/// Pieces of a kind, a length and a content, as a PNG with the checksums that they must have.
fn drawn(mut pieces: &[u8]) -> Bytes {
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    while let Some((kind, rest)) = pieces.split_first_chunk::<4>() {
        let (length, rest) = rest.split_first().map_or((0, rest), |(length, rest)| (*length, rest));
        let (content, rest) = rest.split_at(usize::from(length).min(rest.len()));
        image.extend(PngChunk::new(*kind, Bytes::copy_from_slice(content)).encoder().bytes());
        pieces = rest;
    }
    image.into()
}

/// The file of a multipart body that comes so many bytes at a time.
fn received(kind: HeaderValue, body: &[u8], at_a_time: u8) -> Result<Bytes, Problem> {
    let chunks: Vec<Result<Bytes, Infallible>> =
        body.chunks(usize::from(at_a_time).max(1)).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    let request = Request::builder().header(header::CONTENT_TYPE, kind);
    let request = request.body(Body::from_stream(stream::iter(chunks))).expect("a request can be made");
    RUNTIME.block_on(async {
        let upload = Multipart::from_request(request, &()).await;
        only_file(upload, || Problem::field("/file", Refused::TooLarge.code())).await
    })
}

/// How many bytes come at a time, a line with the type of the content, and the body.
fn multipart(bytes: &[u8]) {
    let Some((at_a_time, rest)) = bytes.split_first() else { return };
    let line = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    let Ok(kind) = HeaderValue::from_bytes(&rest[..line]) else { return };
    match received(kind, rest.get(line + 1..).unwrap_or_default(), *at_a_time) {
        Ok(content) => file(content),
        Err(problem) => check_problem(&problem),
    }
}

/// How many bytes come at a time, and a file, which must come out as it went in.
fn enveloped(bytes: &[u8]) {
    let Some((at_a_time, content)) = bytes.split_first() else { return };
    let end = format!("\r\n--{BOUNDARY}");
    if content.windows(end.len()).any(|part| part == end.as_bytes()) {
        return;
    }
    let head =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n");
    let body = [head.as_bytes(), content, end.as_bytes(), b"--\r\n"].concat();
    let kind = HeaderValue::from_str(&format!("multipart/form-data; boundary={BOUNDARY}"));
    let found = received(kind.expect("a media type is a header"), &body, *at_a_time);
    assert_eq!(found.as_deref(), Ok(content));
}

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((b'm', rest)) => multipart(rest),
        Some((b'f', rest)) => enveloped(rest),
        Some((b'p', rest)) => file(drawn(rest)),
        _ => file(Bytes::copy_from_slice(bytes)),
    }
});
