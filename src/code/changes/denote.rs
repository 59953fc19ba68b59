//! Which expressions mean the owner: by the scopes of variables, through aliases, and by the names of properties.

use super::question::Variable;
use crate::code::lines::{Lines, Position};
use crate::code::owner::{OwnerName, OwnerStep};
use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, AssignmentTarget, BindingPattern, Expression, ForStatementLeft, FormalParameters, IdentifierReference,
    PropertyKey,
};
use oxc_semantic::{Semantic, SymbolId};
use oxc_span::{GetSpan, Span};
use std::collections::BTreeMap;

/// What an expression means: so many steps of the owner's name, counted after its variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) steps: usize,
    pub(super) trust: Trust,
}

/// How sure it is that an expression means this very owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// A property of that name, of whatever.
    Name,
    /// A property of that name of `this`, or handed on once.
    Likely,
    /// Scopes prove it.
    Certain,
}

/// The deepest expression that is followed.
const MAX_DEPTH: usize = 64;

/// What the expressions of a program mean.
pub(super) struct Denotations<'s, 'a> {
    pub(super) semantic: &'s Semantic<'a>,
    owner: &'s OwnerName,
    /// The owner's variable.
    pub(super) symbol: Option<SymbolId>,
    aliases: BTreeMap<SymbolId, Meaning>,
}

impl<'s, 'a> Denotations<'s, 'a> {
    pub(super) fn new(semantic: &'s Semantic<'a>, text: &str, owner: &'s OwnerName, seen_from: &[Position]) -> Self {
        let symbol = symbol_of(semantic, text, &owner.variable, seen_from);
        let mut all = Self { semantic, owner, symbol, aliases: BTreeMap::new() };
        // Aliases of aliases are two steps away: parameters that are given a local variable.
        for _ in 0..2 {
            let found = all.find_aliases();
            for (symbol, meaning) in found {
                if Some(symbol) != all.symbol {
                    all.aliases.entry(symbol).or_insert(meaning);
                }
            }
        }
        all
    }

    /// How many steps the owner's name has.
    pub(super) fn all_steps(&self) -> usize {
        self.owner.steps.len()
    }

    /// The name of the owner's variable.
    pub(super) fn variable(&self) -> &str {
        &self.owner.variable
    }

    /// The last step of the owner's name that has a name.
    pub(super) fn last_named_step(&self) -> Option<&OwnerStep> {
        self.owner.steps.iter().rev().find(|step| **step != OwnerStep::Member)
    }

    /// Whether the owner's variable is used within `span`.
    pub(super) fn mentions(&self, span: Span) -> bool {
        let Some(symbol) = self.symbol else { return false };
        let scoping = self.semantic.scoping();
        scoping.get_resolved_references(symbol).any(|reference| {
            let at = self.semantic.reference_span(reference);
            span.start <= at.start && at.end <= span.end
        })
    }

    /// Whether a target hangs below what holds the owner, however deep.
    pub(super) fn hangs_below_holder(&self, object: &Expression<'a>) -> Option<Trust> {
        let mut object = object.get_inner_expression();
        for _ in 0..MAX_DEPTH {
            if let Some(meaning) = self.meaning(object, 0) {
                return (meaning.steps + 1 >= self.all_steps()).then_some(meaning.trust.min(Trust::Likely));
            }
            object = match object {
                Expression::StaticMemberExpression(e) => e.object.get_inner_expression(),
                Expression::ComputedMemberExpression(e) => e.object.get_inner_expression(),
                _ => return None,
            };
        }
        None
    }

    /// Whether so many steps are all but the members at the end.
    pub(super) fn is_holder_of_members(&self, steps: usize) -> bool {
        self.owner.steps.get(steps..).is_some_and(|rest| rest.iter().all(|step| *step == OwnerStep::Member))
    }

    /// Whether a name is the owner's own variable, or no variable of the file at all.
    pub(super) fn is_own_variable(&self, id: &IdentifierReference<'a>) -> bool {
        let symbol = self.symbol_of_reference(id);
        symbol.is_none() || symbol == self.symbol
    }

    /// Whether a name means the owner itself.
    pub(super) fn identifier_is_owner(&self, id: &IdentifierReference<'a>) -> bool {
        self.of_identifier(id).is_some_and(|m| m.steps == self.all_steps())
    }

    /// Whether a property means the owner itself.
    pub(super) fn property_is_owner(&self, object: &Expression<'a>, name: &str) -> bool {
        self.of_property(object, name, 0).is_some_and(|m| m.steps == self.all_steps())
    }

    /// Whether `expression` means the owner itself.
    pub(super) fn is_owner(&self, expression: &Expression<'a>) -> Option<Trust> {
        self.meaning(expression, 0).filter(|m| m.steps == self.all_steps()).map(|m| m.trust)
    }

    /// What `expression` means, if it is about the owner at all.
    pub(super) fn meaning(&self, expression: &Expression<'a>, depth: usize) -> Option<Meaning> {
        if depth > MAX_DEPTH {
            return None;
        }
        let inner = |e: &Expression<'a>| self.meaning(e, depth + 1);
        match expression.get_inner_expression() {
            Expression::Identifier(id) => self.of_identifier(id),
            Expression::StaticMemberExpression(e) => self.of_property(&e.object, &e.property.name, depth),
            Expression::PrivateFieldExpression(e) => self.of_property(&e.object, &format!("#{}", e.field.name), depth),
            Expression::ComputedMemberExpression(e) => self.of_element(&e.object, &e.expression, depth),
            Expression::ChainExpression(e) => match e.expression.member_expression() {
                Some(member) => match member {
                    oxc_ast::ast::MemberExpression::StaticMemberExpression(e) => {
                        self.of_property(&e.object, &e.property.name, depth)
                    }
                    oxc_ast::ast::MemberExpression::PrivateFieldExpression(e) => {
                        self.of_property(&e.object, &format!("#{}", e.field.name), depth)
                    }
                    oxc_ast::ast::MemberExpression::ComputedMemberExpression(e) => {
                        self.of_element(&e.object, &e.expression, depth)
                    }
                },
                None => None,
            },
            // A member of a collection that was asked for.
            Expression::CallExpression(call) => {
                let callee = call.callee.get_inner_expression();
                let Expression::StaticMemberExpression(e) = callee else { return None };
                let gives_member = ["get", "at", "find", "values", "getOrInsert", "getOrInsertComputed"];
                if !gives_member.contains(&e.property.name.as_str()) {
                    return None;
                }
                self.member_of(inner(&e.object)?)
            }
            Expression::LogicalExpression(e) => inner(&e.left).or_else(|| inner(&e.right)),
            Expression::ConditionalExpression(e) => inner(&e.consequent).or_else(|| inner(&e.alternate)),
            Expression::AssignmentExpression(e) => self.of_target(&e.left).or_else(|| inner(&e.right)),
            Expression::SequenceExpression(e) => inner(e.expressions.last()?),
            Expression::AwaitExpression(e) => inner(&e.argument),
            _ => None,
        }
    }

    /// What the target of an assignment means.
    pub(super) fn of_target(&self, target: &AssignmentTarget<'a>) -> Option<Meaning> {
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(id) => self.of_identifier(id),
            AssignmentTarget::StaticMemberExpression(e) => self.of_property(&e.object, &e.property.name, 0),
            AssignmentTarget::PrivateFieldExpression(e) => {
                self.of_property(&e.object, &format!("#{}", e.field.name), 0)
            }
            AssignmentTarget::ComputedMemberExpression(e) => self.of_element(&e.object, &e.expression, 0),
            _ => None,
        }
    }

    fn of_identifier(&self, id: &IdentifierReference<'a>) -> Option<Meaning> {
        let symbol = id.reference_id.get().and_then(|r| self.semantic.scoping().get_reference(r).symbol_id());
        match symbol {
            Some(symbol) if Some(symbol) == self.symbol => Some(Meaning { steps: 0, trust: Trust::Certain }),
            Some(symbol) => self.aliases.get(&symbol).copied(),
            None => {
                let name = id.name.as_str();
                let certain = |steps| Some(Meaning { steps, trust: Trust::Certain });
                if self.owner.variable == "globalThis" {
                    let first = self.owner.steps.first();
                    return match first {
                        _ if ["globalThis", "global", "window", "self"].contains(&name) => certain(0),
                        Some(OwnerStep::Property(property)) if property == name => certain(1),
                        _ => None,
                    };
                }
                (self.symbol.is_none() && name == self.owner.variable)
                    .then_some(Meaning { steps: 0, trust: Trust::Certain })
            }
        }
    }

    fn of_property(&self, object: &Expression<'a>, name: &str, depth: usize) -> Option<Meaning> {
        if let Some(base) = self.meaning(object, depth + 1) {
            return match self.owner.steps.get(base.steps) {
                Some(OwnerStep::Property(step)) if step == name => Some(Meaning { steps: base.steps + 1, ..base }),
                Some(OwnerStep::Member) => self.member_of(base).filter(|_| !is_method(name)),
                _ => None,
            };
        }
        // `module.exports.list` is what others call `list` of the module.
        let last = self.owner.steps.iter().rposition(|step| matches!(step, OwnerStep::Property(_)))?;
        let OwnerStep::Property(step) = &self.owner.steps[last] else { return None };
        if step != name {
            return None;
        }
        let trust = match object.get_inner_expression() {
            // Private names belong to their class.
            _ if name.starts_with('#') => Trust::Certain,
            Expression::ThisExpression(_) => Trust::Likely,
            Expression::Identifier(id) if id.name == "exports" => Trust::Certain,
            Expression::StaticMemberExpression(e) if e.property.name == "exports" => Trust::Certain,
            _ => Trust::Name,
        };
        Some(Meaning { steps: last + 1, trust })
    }

    fn of_element(&self, object: &Expression<'a>, key: &Expression<'a>, depth: usize) -> Option<Meaning> {
        let key = key.get_inner_expression();
        if let Expression::StringLiteral(name) = key {
            return self.of_property(object, &name.value, depth);
        }
        let key_name = key.get_identifier_reference().map(|id| id.name.as_str());
        match self.meaning(object, depth + 1) {
            Some(base) => match self.owner.steps.get(base.steps)? {
                OwnerStep::Symbol(symbol) if Some(symbol.as_str()) == key_name => {
                    Some(Meaning { steps: base.steps + 1, ..base })
                }
                OwnerStep::Member => self.member_of(base),
                _ => None,
            },
            None => {
                let last = self.owner.steps.iter().rposition(|step| matches!(step, OwnerStep::Symbol(_)))?;
                let OwnerStep::Symbol(symbol) = &self.owner.steps[last] else { return None };
                (Some(symbol.as_str()) == key_name).then_some(Meaning { steps: last + 1, trust: Trust::Likely })
            }
        }
    }

    fn member_of(&self, base: Meaning) -> Option<Meaning> {
        let is_member = self.owner.steps.get(base.steps) == Some(&OwnerStep::Member);
        is_member.then_some(Meaning { steps: base.steps + 1, ..base })
    }

    /// The variables that are given what means something.
    fn find_aliases(&self) -> Vec<(SymbolId, Meaning)> {
        let mut found = Vec::new();
        for node in self.semantic.nodes().iter() {
            match node.kind() {
                AstKind::VariableDeclarator(declarator) => {
                    let Some(init) = &declarator.init else { continue };
                    self.bind(&declarator.id, init, &mut found);
                }
                AstKind::AssignmentExpression(assignment) => {
                    // `exports.list = list`: the variable is what the property is.
                    if let Some(meaning) = self.of_target(&assignment.left).filter(|m| m.steps > 0)
                        && let Expression::Identifier(id) = assignment.right.get_inner_expression()
                        && let Some(symbol) = self.symbol_of_reference(id)
                    {
                        found.push((symbol, meaning));
                    }
                }
                AstKind::ObjectProperty(property) => {
                    // `module.exports = { list }`, `return { list }`.
                    if let (Some(name), Expression::Identifier(id)) =
                        (property.key.static_name(), property.value.get_inner_expression())
                        && self.owner.steps.last() == Some(&OwnerStep::Property(name.into_owned()))
                        && let Some(symbol) = self.symbol_of_reference(id)
                    {
                        found.push((symbol, Meaning { steps: self.all_steps(), trust: Trust::Likely }));
                    }
                }
                AstKind::ForOfStatement(each) => {
                    if let ForStatementLeft::VariableDeclaration(left) = &each.left
                        && let Some(meaning) = self.meaning(&each.right, 0).and_then(|m| self.member_of(m))
                    {
                        for declarator in &left.declarations {
                            bind_names(&declarator.id, meaning, &mut found);
                        }
                    }
                }
                AstKind::CallExpression(call) => self.bind_arguments(call, &mut found),
                _ => {}
            }
        }
        found
    }

    fn symbol_of_reference(&self, id: &IdentifierReference<'a>) -> Option<SymbolId> {
        id.reference_id.get().and_then(|r| self.semantic.scoping().get_reference(r).symbol_id())
    }

    fn bind(&self, pattern: &BindingPattern<'a>, init: &Expression<'a>, found: &mut Vec<(SymbolId, Meaning)>) {
        match pattern {
            BindingPattern::BindingIdentifier(id) => {
                if let (Some(symbol), Some(meaning)) = (id.symbol_id.get(), self.meaning(init, 0)) {
                    found.push((symbol, meaning));
                }
            }
            BindingPattern::ObjectPattern(pattern) => {
                for property in &pattern.properties {
                    let PropertyKey::StaticIdentifier(key) = &property.key else { continue };
                    if let Some(meaning) = self.of_property(init, &key.name, 0) {
                        bind_names(&property.value, meaning, found);
                    }
                }
            }
            _ => {}
        }
    }

    /// What a function of the file is handed is what its parameter means; likewise of callbacks of `forEach`.
    fn bind_arguments(&self, call: &oxc_ast::ast::CallExpression<'a>, found: &mut Vec<(SymbolId, Meaning)>) {
        match call.callee.get_inner_expression() {
            Expression::Identifier(id) => {
                let handed: Vec<(usize, Meaning)> = call
                    .arguments
                    .iter()
                    .enumerate()
                    .filter_map(|(i, argument)| Some((i, self.meaning(argument.as_expression()?, 0)?)))
                    .collect();
                if handed.is_empty() {
                    return;
                }
                let Some(parameters) = self.symbol_of_reference(id).and_then(|s| self.parameters_of(s)) else { return };
                for (i, meaning) in handed {
                    if let Some(parameter) = parameters.items.get(i) {
                        let meaning = Meaning { trust: meaning.trust.min(Trust::Likely), ..meaning };
                        bind_names(&parameter.pattern, meaning, found);
                    }
                }
            }
            Expression::StaticMemberExpression(e) if e.property.name == "forEach" => {
                let Some(meaning) = self.meaning(&e.object, 0).and_then(|m| self.member_of(m)) else { return };
                let parameters = match call.arguments.first() {
                    Some(Argument::ArrowFunctionExpression(f)) => &f.params,
                    Some(Argument::FunctionExpression(f)) => &f.params,
                    _ => return,
                };
                if let Some(parameter) = parameters.items.first() {
                    bind_names(&parameter.pattern, meaning, found);
                }
            }
            _ => {}
        }
    }

    fn parameters_of(&self, function: SymbolId) -> Option<&FormalParameters<'a>> {
        let declaration = self.semantic.scoping().symbol_declaration(function);
        match self.semantic.nodes().kind(declaration) {
            AstKind::Function(f) => Some(&f.params),
            AstKind::VariableDeclarator(declarator) => match declarator.init.as_ref()?.get_inner_expression() {
                Expression::ArrowFunctionExpression(f) => Some(&f.params),
                Expression::FunctionExpression(f) => Some(&f.params),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Whether a static property is rather a method of collections than a key of one.
fn is_method(name: &str) -> bool {
    super::methods::is_add(name)
        || super::methods::is_remove(name)
        || ["length", "size", "forEach", "map", "filter"].contains(&name)
}

fn bind_names(pattern: &BindingPattern<'_>, meaning: Meaning, found: &mut Vec<(SymbolId, Meaning)>) {
    match pattern {
        BindingPattern::BindingIdentifier(id) => found.extend(id.symbol_id.get().map(|symbol| (symbol, meaning))),
        // An entry of a Map: key and value.
        BindingPattern::ArrayPattern(entry) if entry.elements.len() == 2 => {
            if let Some(Some(BindingPattern::BindingIdentifier(value))) = entry.elements.get(1) {
                found.extend(value.symbol_id.get().map(|symbol| (symbol, meaning)));
            }
        }
        BindingPattern::AssignmentPattern(with_default) => bind_names(&with_default.left, meaning, found),
        _ => {}
    }
}

/// Where each of `variables` is declared.
pub(super) fn declarations(semantic: &Semantic<'_>, text: &str, variables: &[Variable]) -> Vec<Option<usize>> {
    let scoping = semantic.scoping();
    let mut by_name: BTreeMap<&str, Vec<SymbolId>> = BTreeMap::new();
    for symbol in scoping.symbol_ids() {
        by_name.entry(scoping.symbol_name(symbol)).or_default().push(symbol);
    }
    let lines = Lines::new(text);
    let declared = |variable: &Variable| {
        let of_name = by_name.get(variable.name.as_str())?;
        let symbol = match of_name[..] {
            [only] => only,
            _ => {
                let offset = variable.seen_from.and_then(|at| lines.offset(text, at));
                offset
                    .and_then(|offset| seen_at(semantic, &variable.name, offset))
                    .or_else(|| outermost(semantic, of_name))?
            }
        };
        Some(scoping.symbol_span(symbol).start as usize)
    };
    variables.iter().map(declared).collect()
}

/// The one of `symbols` that is declared furthest out, and first.
fn outermost(semantic: &Semantic<'_>, symbols: &[SymbolId]) -> Option<SymbolId> {
    let scoping = semantic.scoping();
    let depth = |s: SymbolId| scoping.scope_ancestors(scoping.symbol_scope_id(s)).count();
    symbols.iter().copied().min_by_key(|&s| (depth(s), scoping.symbol_span(s).start))
}

/// The variable called `name` that functions at `seen_from` see; without such, the file's only one or its outermost.
pub(super) fn symbol_of(semantic: &Semantic<'_>, text: &str, name: &str, seen_from: &[Position]) -> Option<SymbolId> {
    let scoping = semantic.scoping();
    let of_name: Vec<SymbolId> = scoping.symbol_ids().filter(|&s| scoping.symbol_name(s) == name).collect();
    if of_name.len() < 2 {
        return of_name.first().copied();
    }
    let mut votes: BTreeMap<SymbolId, usize> = BTreeMap::new();
    if !seen_from.is_empty() {
        let lines = Lines::new(text);
        for offset in seen_from.iter().take(64).filter_map(|&at| lines.offset(text, at)) {
            if let Some(symbol) = seen_at(semantic, name, offset) {
                *votes.entry(symbol).or_default() += 1;
            }
        }
    }
    if let Some((&symbol, _)) = votes.iter().max_by_key(|&(&symbol, &count)| (count, std::cmp::Reverse(symbol))) {
        return Some(symbol);
    }
    outermost(semantic, &of_name)
}

/// The variable called `name` around the function that begins at `offset`.
fn seen_at(semantic: &Semantic<'_>, name: &str, offset: usize) -> Option<SymbolId> {
    let offset = u32::try_from(offset).ok()?;
    let scoping = semantic.scoping();
    let around = semantic.nodes().iter().filter_map(|node| {
        let scope = match node.kind() {
            AstKind::Function(f) => f.scope_id.get(),
            AstKind::ArrowFunctionExpression(f) => f.scope_id.get(),
            AstKind::Class(c) => c.scope_id.get(),
            _ => None,
        }?;
        let span = node.kind().span();
        (span.start <= offset && offset < span.end).then_some((span.size(), scope))
    });
    let (_, scope) = around.min_by_key(|&(size, _)| size)?;
    let outer = scoping.scope_parent_id(scope)?;
    scoping.scope_ancestors(outer).find_map(|s| {
        scoping.get_bindings(s).iter().find(|(bound, _)| bound.as_str() == name).map(|(_, &symbol)| symbol)
    })
}
