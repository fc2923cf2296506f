//! `proof.json`: the entries and the way from each of them up to the checkpoint.

use serde_json::{Value, json};

use super::failure::{Failure, Problem, at};
use super::fields::Fields;
use super::record::entry_ref_of;
use super::{BundleError, EXTENSIONS_MAX};
use crate::hash::{Hash, hex};
use crate::ids::EntryRef;
use crate::json::{canonical, canonical_parse};
use crate::key::VerifierKey;
use crate::tree::PATH_NODES_MAX;

const FORMAT: &str = "clerestory-proof-1";

/// One entry with its path in its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryProof {
    /// Index of the leaf.
    pub index: u64,
    /// The leaf's bytes: prefix and entry.
    pub leaf: Vec<u8>,
    /// Inclusion path.
    pub path: Vec<Hash>,
}

/// One generation of the clinic's tree with the entries that are needed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeProof {
    /// The generation.
    pub generation: u32,
    /// Its size: of the last one, as the epoch has it; of an earlier one, as the next tree's
    /// first entry has it.
    pub size: u64,
    /// Its root at that size.
    pub root: Hash,
    /// Entries, by index.
    pub entries: Vec<EntryProof>,
}

/// The clinic's place in the epoch's tree of heads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadProof {
    /// The clinic's ordinal.
    pub ordinal: u64,
    /// Inclusion path.
    pub path: Vec<Hash>,
}

/// The epoch's entry in the platform's tree, under the checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochProof {
    /// Index of the leaf.
    pub index: u64,
    /// The leaf's bytes: prefix and `epoch.closed` entry.
    pub leaf: Vec<u8>,
    /// Inclusion path.
    pub path: Vec<Hash>,
}

/// Shows an earlier state of the platform's tree as the beginning of the checkpoint's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Size then.
    pub size: u64,
    /// Root then.
    pub root: Hash,
    /// Consistency path.
    pub path: Vec<Hash>,
}

/// All of `proof.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The log's key. It proves nothing by itself: whoever verifies compares it with their own.
    pub key: VerifierKey,
    /// Which of the entries is the `exported` one.
    pub exported: EntryRef,
    /// Generations of the clinic's tree, by number, each continued by the next; the last one is the one in the epoch.
    pub trees: Vec<TreeProof>,
    /// The clinic's head in the epoch.
    pub head: HeadProof,
    /// The epoch in the platform's tree.
    pub epoch: EpochProof,
    /// Earlier checkpoints that the clinic was given, by size. At most [`EXTENSIONS_MAX`].
    pub extends: Vec<Extension>,
}

impl Proof {
    /// The bytes of `proof.json`, with trees, entries and extensions in their order.
    ///
    /// # Errors
    /// If there are too many extensions, or a number is beyond what JSON can say.
    pub fn to_json(&self) -> Result<Vec<u8>, BundleError> {
        if self.extends.len() > EXTENSIONS_MAX {
            return Err(BundleError::TooLarge("proof.json"));
        }
        let mut trees: Vec<&TreeProof> = self.trees.iter().collect();
        trees.sort_by_key(|tree| tree.generation);
        let mut extends: Vec<&Extension> = self.extends.iter().collect();
        extends.sort_by_key(|extension| extension.size);
        let proof = json!({
            "format": FORMAT,
            "key": self.key.to_string(),
            "exported": { "generation": self.exported.generation, "index": self.exported.index },
            "trees": trees.into_iter().map(tree_to_json).collect::<Vec<_>>(),
            "head": { "ordinal": self.head.ordinal, "path": path_to_json(&self.head.path) },
            "epoch": leaf_to_json(self.epoch.index, &self.epoch.leaf, &self.epoch.path),
            "extends": extends.into_iter().map(extension_to_json).collect::<Vec<_>>(),
        });
        Ok(canonical(&proof)?)
    }

    /// Reads `proof.json`; checks its form, not its truth.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        const PLACE: &str = "proof.json";
        let value = canonical_parse(bytes).map_err(at(PLACE))?;
        let names = [
            "format", "key", "exported", "trees", "head", "epoch", "extends",
        ];
        let fields = Fields::of(&value, PLACE, &names)?;
        if fields.text("format")? != FORMAT {
            return Err(Failure::new(PLACE, Problem::Format(FORMAT)));
        }
        let key = VerifierKey::parse(fields.text("key")?).map_err(at("proof.json, key"))?;
        let trees = fields
            .list("trees")?
            .iter()
            .map(tree_of)
            .collect::<Result<Vec<_>, _>>()?;
        let ascending = trees
            .windows(2)
            .all(|pair| pair[0].generation < pair[1].generation);
        if trees.is_empty() || !ascending {
            return Err(fields.failure("trees must be in order of generation".to_owned()));
        }
        Ok(Self {
            key,
            exported: entry_ref_of(fields.value("exported")?, "proof.json, exported")?,
            trees,
            head: head_of(fields.value("head")?)?,
            epoch: epoch_of(fields.value("epoch")?)?,
            extends: extends_of(&fields)?,
        })
    }
}

fn path_to_json(path: &[Hash]) -> Vec<String> {
    path.iter().map(|hash| hex(hash)).collect()
}

fn leaf_to_json(index: u64, leaf: &[u8], path: &[Hash]) -> Value {
    json!({ "index": index, "leaf": hex(leaf), "path": path_to_json(path) })
}

fn tree_to_json(tree: &TreeProof) -> Value {
    let mut entries: Vec<&EntryProof> = tree.entries.iter().collect();
    entries.sort_by_key(|entry| entry.index);
    let entries = entries
        .into_iter()
        .map(|it| leaf_to_json(it.index, &it.leaf, &it.path));
    json!({
        "generation": tree.generation,
        "size": tree.size,
        "root": hex(&tree.root),
        "entries": entries.collect::<Vec<_>>(),
    })
}

fn extension_to_json(extension: &Extension) -> Value {
    json!({
        "size": extension.size,
        "root": hex(&extension.root),
        "path": path_to_json(&extension.path),
    })
}

fn tree_of(value: &Value) -> Result<TreeProof, Failure> {
    let fields = Fields::of(
        value,
        "proof.json, trees",
        &["generation", "size", "root", "entries"],
    )?;
    let generation = fields.generation("generation")?;
    let place = format!("proof.json, tree of generation {generation}");
    let read = |value| {
        let (index, leaf, path) = leaf_of(value, &place)?;
        Ok(EntryProof { index, leaf, path })
    };
    let entries = fields
        .list("entries")?
        .iter()
        .map(read)
        .collect::<Result<Vec<_>, Failure>>()?;
    if !entries.windows(2).all(|pair| pair[0].index < pair[1].index) {
        let text = "entries must be in order of index".to_owned();
        return Err(Failure::new(place, Problem::Field(text)));
    }
    Ok(TreeProof {
        generation,
        size: fields.number("size")?,
        root: fields.hash("root")?,
        entries,
    })
}

fn leaf_of(value: &Value, place: &str) -> Result<(u64, Vec<u8>, Vec<Hash>), Failure> {
    let fields = Fields::of(value, place, &["index", "leaf", "path"])?;
    Ok((
        fields.number("index")?,
        fields.hex("leaf")?,
        fields.path("path", PATH_NODES_MAX)?,
    ))
}

fn head_of(value: &Value) -> Result<HeadProof, Failure> {
    let fields = Fields::of(value, "proof.json, head", &["ordinal", "path"])?;
    let path = fields.path("path", PATH_NODES_MAX)?;
    Ok(HeadProof {
        ordinal: fields.number("ordinal")?,
        path,
    })
}

fn epoch_of(value: &Value) -> Result<EpochProof, Failure> {
    let (index, leaf, path) = leaf_of(value, "proof.json, epoch")?;
    Ok(EpochProof { index, leaf, path })
}

fn extends_of(fields: &Fields<'_>) -> Result<Vec<Extension>, Failure> {
    let read = |value| {
        let fields = Fields::of(value, "proof.json, extends", &["size", "root", "path"])?;
        let path = fields.path("path", PATH_NODES_MAX + 1)?;
        Ok(Extension {
            size: fields.number("size")?,
            root: fields.hash("root")?,
            path,
        })
    };
    let extends = fields
        .list("extends")?
        .iter()
        .map(read)
        .collect::<Result<Vec<_>, Failure>>()?;
    let ascending = extends.windows(2).all(|pair| pair[0].size < pair[1].size);
    match ascending && extends.len() <= EXTENSIONS_MAX {
        true => Ok(extends),
        false => Err(fields.failure("extends must be in order of size, at most 64".to_owned())),
    }
}
