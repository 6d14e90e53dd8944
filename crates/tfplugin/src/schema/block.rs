//! Nested blocks: the older way to write objects inside a resource.
//!
//! Blocks are written without an equals sign and may be repeated. They are never computed as a whole, and an absent
//! repeated block is an empty collection, not null.

use super::{Block, Nesting};
use crate::value::{Type, Value};

/// A block inside another.
///
/// ```
/// use tfplugin::{Attribute, Block, NestedBlock, Schema};
///
/// // rule { port = 4000 }
/// let rule = Block::new().attribute(Attribute::int64("port").required());
/// let schema = Schema::new(0).block(NestedBlock::set("rule", rule).min_items(1));
/// ```
#[derive(Clone, Debug)]
pub struct NestedBlock {
    /// The name users type.
    pub name: String,
    /// How often it may occur and how its occurrences are arranged.
    pub nesting: BlockNesting,
    /// What it contains.
    pub block: Block,
    /// Fewest occurrences.
    pub min_items: u32,
    /// Most occurrences; 0 for no limit. For a single block 1 goes with a minimum of 1.
    pub max_items: u32,
}

/// How the occurrences of a block are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockNesting {
    /// At most one; null when absent.
    Single,
    /// One, with null contents when absent.
    Group,
    /// Any number, in order.
    List,
    /// Any number, distinct and without order.
    Set,
    /// Any number, each with a label.
    Map,
}

impl From<BlockNesting> for Nesting {
    /// The shape of the value, which is the same for single blocks and groups.
    fn from(nesting: BlockNesting) -> Self {
        match nesting {
            BlockNesting::Single | BlockNesting::Group => Self::Single,
            BlockNesting::List => Self::List,
            BlockNesting::Set => Self::Set,
            BlockNesting::Map => Self::Map,
        }
    }
}

impl NestedBlock {
    fn new(name: impl Into<String>, nesting: BlockNesting, block: Block) -> Self {
        Self { name: name.into(), nesting, block, min_items: 0, max_items: 0 }
    }

    /// A block that occurs at most once.
    pub fn single(name: impl Into<String>, block: Block) -> Self {
        Self::new(name, BlockNesting::Single, block)
    }

    /// A block that occurs at most once and is never null.
    pub fn group(name: impl Into<String>, block: Block) -> Self {
        Self::new(name, BlockNesting::Group, block)
    }

    /// A block that may be repeated, in order.
    pub fn list(name: impl Into<String>, block: Block) -> Self {
        Self::new(name, BlockNesting::List, block)
    }

    /// A block that may be repeated, without order.
    pub fn set(name: impl Into<String>, block: Block) -> Self {
        Self::new(name, BlockNesting::Set, block)
    }

    /// A block with a label that may be repeated under different labels.
    pub fn map(name: impl Into<String>, block: Block) -> Self {
        Self::new(name, BlockNesting::Map, block)
    }

    /// Sets the fewest occurrences of a list or a set block.
    #[must_use]
    pub fn min_items(mut self, count: u32) -> Self {
        self.min_items = count;
        self
    }

    /// Sets the most occurrences of a list or a set block; 0 for no limit.
    #[must_use]
    pub fn max_items(mut self, count: u32) -> Self {
        self.max_items = count;
        self
    }

    /// Makes a single block one that has to be there.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.min_items = 1;
        self.max_items = 1;
        self
    }

    /// The type of the value that all occurrences make up.
    pub fn implied_type(&self) -> Type {
        let object = self.block.implied_type();
        match self.nesting {
            BlockNesting::Single | BlockNesting::Group => object,
            BlockNesting::List => Type::list(object),
            BlockNesting::Set => Type::set(object),
            BlockNesting::Map => Type::map(object),
        }
    }

    /// The value when the block does not occur.
    pub(crate) fn empty_value(&self) -> Value {
        match self.nesting {
            BlockNesting::Single => Value::Null,
            BlockNesting::Group => self.block.contents().empty_value(),
            BlockNesting::List => Value::List(Vec::new()),
            BlockNesting::Set => Value::Set(Vec::new()),
            BlockNesting::Map => Value::map::<&str>([]),
        }
    }
}
