//! One file: what is written is read again, also by others.

use pretune::checkpoint::{Dtype, Meta, read, write};
use pretune::tensor::Params;
use safetensors::SafeTensors;

use super::bits;

fn sample() -> (Params, Meta) {
    let mut params = Params::new();
    let mut x = 0.1_f32;
    let mut next = || {
        x = -x * 1.7;
        x
    };
    params.add("zebra", &[2, 3], &mut next);
    params.add("ape", &[4], &mut next);
    params.add("empty", &[0, 5], &mut next);
    params.add("scalar", &[], &mut next);
    let meta = [("tokenizer", "{\"a\": \"ü\"}"), ("config", "{}"), ("step", "17"), ("x", "")];
    (params, meta.map(|(k, v)| (k.to_owned(), v.to_owned())).into())
}

#[test]
fn tensors_come_back_in_order_with_their_bits() {
    let (params, meta) = sample();
    let bytes = write(&params, &meta, Dtype::F32);
    let (again, meta_again) = read(&bytes).unwrap();
    assert_eq!(bits(&again), bits(&params));
    assert_eq!(meta_again, meta);
    assert_eq!(again.fingerprint(), params.fingerprint());
    // Not finite is not our business here: a run that diverged is restored as it was.
    let mut lost = Params::new();
    lost.add("w", &[3], || f32::INFINITY);
    assert_eq!(bits(&read(&write(&lost, &Meta::new(), Dtype::F32)).unwrap().0), bits(&lost));
}

#[test]
fn the_same_tensors_give_the_same_bytes() {
    let (params, meta) = sample();
    for dtype in [Dtype::F32, Dtype::BF16] {
        let bytes = write(&params, &meta, dtype);
        for _ in 0..8 {
            // Collected anew: a map with another internal order would show.
            let meta = meta.clone().into_iter().rev().collect();
            assert_eq!(write(&params.clone(), &meta, dtype), bytes);
        }
    }
}

#[test]
fn the_safetensors_library_reads_it_and_finds_its_data_aligned() {
    let (params, meta) = sample();
    let bytes = write(&params, &meta, Dtype::F32);
    let (header_len, header) = SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(header_len % 8, 0);
    assert_eq!(header.offset_keys(), ["zebra", "ape", "empty", "scalar"]);
    assert_eq!(header.metadata().as_ref().unwrap()["tokenizer"], meta["tokenizer"]);
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let zebra = tensors.tensor("zebra").unwrap();
    let expected: Vec<u8> =
        params.value(params.id("zebra").unwrap()).iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!((zebra.shape(), zebra.data()), (&[2, 3][..], &expected[..]));
    assert_eq!(tensors.tensor("empty").unwrap().shape(), [0, 5]);
}

#[test]
fn bfloat16_is_within_half_a_unit_and_exact_the_second_time() {
    let (params, meta) = sample();
    let bytes = write(&params, &meta, Dtype::BF16);
    let (half, _) = read(&bytes).unwrap();
    for id in params.ids() {
        for (x, y) in params.value(id).iter().zip(half.value(id)) {
            assert!((x - y).abs() <= x.abs() * (1.0 / 256.0), "{x} became {y}");
        }
    }
    assert_eq!(write(&half, &meta, Dtype::BF16), bytes);
}

#[test]
fn golden_weights_are_read_as_torch_wrote_them() {
    for folder in crate::golden::folders() {
        let bytes = std::fs::read(folder.join("model/model.safetensors")).unwrap();
        let (params, meta) = read(&bytes).unwrap();
        assert_eq!(meta.get("format").map(String::as_str), Some("pt"));
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(params.len(), tensors.len());
        for (name, tensor) in tensors.iter() {
            let id = params.id(name).unwrap();
            let data: Vec<u8> = params.value(id).iter().flat_map(|x| x.to_le_bytes()).collect();
            assert_eq!((params.shape(id), &data[..]), (tensor.shape(), tensor.data()), "{name}");
        }
    }
}
