//! What a program does with the owner: adds, removes, replaces, declares.

use super::denote::{Denotations, Trust};
use super::methods::{forgets, is_add, is_remove, listens};
use super::question::{Changes, Holder, MAX_PLACE_TEXT, Place, Question};
use crate::code::owner::OwnerStep;
use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, AssignmentExpression, AssignmentOperator, AssignmentTarget, CallExpression, Expression,
    SimpleAssignmentTarget, UnaryOperator,
};
use oxc_semantic::{NodeId, Semantic};
use oxc_span::{GetSpan, Span};

/// What was found at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Add,
    /// A store under a fixed name, which counts where nothing else adds.
    Store,
    Remove,
    Declare,
}

struct Found {
    what: Use,
    span: Span,
    trust: Trust,
}

/// Answers the question about a program.
pub(super) fn changes(semantic: &Semantic<'_>, text: &str, question: &Question) -> Changes {
    let denotations = Denotations::new(semantic, text, &question.owner, &question.seen_from);
    let uses = Uses { d: &denotations, holder: question.holder };
    let mut found: Vec<Found> = Vec::new();
    for node in semantic.nodes().iter() {
        uses.of_node(node.id(), node.kind(), &mut found);
    }
    let mut adds = strongest(&found, Use::Add);
    if adds.is_empty() {
        adds = strongest(&found, Use::Store);
    }
    // What removes by the name alone may remove from this one.
    let mut removes: Vec<&Found> = found.iter().filter(|f| f.what == Use::Remove).collect();
    removes.sort_by_key(|f| (f.span.start, std::cmp::Reverse(f.trust)));
    removes.dedup_by_key(|f| f.span.start);
    let declared = uses.declared(&found, &adds);
    let place = |f: &&Found| Place { is_certain: f.trust == Trust::Certain, ..place(text, f.span) };
    Changes {
        declared: declared.map(|(span, is_certain)| Place { is_certain, ..self::place(text, span) }),
        adds: adds.iter().map(place).collect(),
        removes: removes.iter().map(place).collect(),
    }
}

/// Those of a sort that are best vouched for: a property of the same name elsewhere is nothing beside the owner's own.
fn strongest(found: &[Found], what: Use) -> Vec<&Found> {
    let of_sort = || found.iter().filter(|f| f.what == what);
    let best = of_sort().map(|f| f.trust).max().unwrap_or(Trust::Name);
    let least = if best > Trust::Name { Trust::Likely } else { Trust::Name };
    let mut all: Vec<&Found> = of_sort().filter(|f| f.trust >= least).collect();
    all.sort_by_key(|f| f.span.start);
    all.dedup_by_key(|f| f.span.start);
    all
}

fn place(text: &str, span: Span) -> Place {
    let source = text.get(span.start as usize..span.end as usize).unwrap_or_default();
    let mut line = String::new();
    let mut length = 0;
    for word in source.split_whitespace() {
        let needed = word.chars().count() + usize::from(!line.is_empty());
        if length + needed > MAX_PLACE_TEXT {
            if line.is_empty() {
                line.extend(word.chars().take(MAX_PLACE_TEXT));
            }
            line.push('…');
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        length += needed;
    }
    Place { offset: span.start as usize, text: line, is_certain: true }
}

struct Uses<'d, 's, 'a> {
    d: &'d Denotations<'s, 'a>,
    holder: Holder,
}

impl<'a> Uses<'_, '_, 'a> {
    fn of_node(&self, id: NodeId, kind: AstKind<'a>, found: &mut Vec<Found>) {
        let mut push = |what, span, trust| found.push(Found { what, span, trust });
        match kind {
            AstKind::CallExpression(call) => {
                for (what, trust) in self.of_call(call) {
                    push(what, call.span, trust);
                }
            }
            AstKind::AssignmentExpression(assignment) => {
                if let Some((what, trust)) = self.of_assignment(id, assignment) {
                    push(what, assignment.span, trust);
                }
            }
            AstKind::UnaryExpression(unary) if unary.operator == UnaryOperator::Delete => {
                if let Some(trust) = self.of_deleted(unary.argument.get_inner_expression()) {
                    push(Use::Remove, unary.span, trust);
                }
            }
            AstKind::UpdateExpression(update) => match &update.argument {
                // `counts[key]++` makes the key.
                SimpleAssignmentTarget::ComputedMemberExpression(e) => {
                    if let Some(trust) = self.d.is_owner(&e.object) {
                        push(Use::Add, update.span, trust);
                    }
                }
                SimpleAssignmentTarget::StaticMemberExpression(e) if e.property.name == "length" => {
                    if let Some(trust) = self.d.is_owner(&e.object) {
                        push(Use::Remove, update.span, trust);
                    }
                }
                _ => {}
            },
            AstKind::PropertyDefinition(field) => {
                let name = match &field.key {
                    oxc_ast::ast::PropertyKey::PrivateIdentifier(id) => Some(format!("#{}", id.name)),
                    key => key.static_name().map(std::borrow::Cow::into_owned),
                };
                if let Some(name) = name
                    && self.last_step_is(&name)
                {
                    push(Use::Declare, field.span, Trust::Likely);
                }
            }
            AstKind::ObjectProperty(property) => {
                if let Some(name) = property.key.static_name()
                    && self.last_step_is(&name)
                    && !property.value.is_function()
                {
                    push(Use::Declare, property.span, Trust::Name);
                }
            }
            _ => {}
        }
    }

    fn last_step_is(&self, name: &str) -> bool {
        matches!(self.d.last_named_step(), Some(OwnerStep::Property(step)) if step == name)
    }

    fn of_call(&self, call: &CallExpression<'a>) -> Vec<(Use, Trust)> {
        if self.holder == Holder::Timers {
            return self.of_timer(call).into_iter().collect();
        }
        let callee = call.callee.get_inner_expression();
        let (object, method) = match callee {
            Expression::StaticMemberExpression(e) => (&e.object, e.property.name.as_str()),
            Expression::ChainExpression(e) => match e
                .expression
                .member_expression()
                .and_then(|m| m.static_property_name().map(|name| (m.object(), name)))
            {
                Some(found) => found,
                None => return Vec::new(),
            },
            Expression::ComputedMemberExpression(e) => match e.expression.get_inner_expression() {
                Expression::StringLiteral(name) => (&e.object, name.value.as_str()),
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        if let Some(trust) = self.means_owner(object, method) {
            return uses_of_method(method, call).into_iter().map(|what| (what, trust)).collect();
        }
        // `list.push.apply(list, more)`, `Array.prototype.push.call(list, one)`.
        if ["apply", "call"].contains(&method)
            && let Expression::StaticMemberExpression(inner) = object.get_inner_expression()
        {
            let of_object = self.d.is_owner(&inner.object);
            let of_argument = || self.first_argument(call);
            if let Some(trust) = of_object.or_else(of_argument) {
                let name = inner.property.name.as_str();
                return match name {
                    _ if is_add(name) => vec![(Use::Add, trust)],
                    _ if is_remove(name) => vec![(Use::Remove, trust)],
                    _ => Vec::new(),
                };
            }
        }
        let is_helper = match object.get_inner_expression() {
            Expression::Identifier(id) if id.name == "Object" => {
                ["assign", "defineProperty", "defineProperties"].contains(&method)
            }
            Expression::Identifier(id) if id.name == "Reflect" => ["set", "defineProperty"].contains(&method),
            _ => false,
        };
        match self.first_argument(call) {
            Some(trust) if is_helper => vec![(Use::Add, trust)],
            Some(trust) => match object.get_inner_expression() {
                Expression::Identifier(id) if id.name == "Reflect" && method == "deleteProperty" => {
                    vec![(Use::Remove, trust)]
                }
                _ => Vec::new(),
            },
            None => Vec::new(),
        }
    }

    /// Whether `object` is the owner; of listeners also what hangs on it, as the signal of a controller does.
    fn means_owner(&self, object: &Expression<'a>, method: &str) -> Option<Trust> {
        let trust = self.d.is_owner(object);
        if trust.is_some() || self.holder != Holder::Listeners || !(listens(method) || forgets(method)) {
            return trust;
        }
        match object.get_inner_expression() {
            Expression::StaticMemberExpression(e) => self.d.is_owner(&e.object),
            _ => None,
        }
    }

    fn first_argument(&self, call: &CallExpression<'a>) -> Option<Trust> {
        self.d.is_owner(call.arguments.first()?.as_expression()?)
    }

    /// Timers whose callback is the owner or keeps it, and what clears timers.
    fn of_timer(&self, call: &CallExpression<'a>) -> Option<(Use, Trust)> {
        let name = match call.callee.get_inner_expression() {
            Expression::Identifier(id) => id.name.as_str(),
            Expression::StaticMemberExpression(e) => e.property.name.as_str(),
            _ => return None,
        };
        if ["clearInterval", "clearTimeout", "clearImmediate"].contains(&name) {
            return Some((Use::Remove, Trust::Likely));
        }
        if !["setInterval", "setTimeout", "setImmediate"].contains(&name) {
            return None;
        }
        let callback = call.arguments.first()?;
        let is_named_so = match callback {
            Argument::Identifier(id) => id.name == self.d.variable(),
            Argument::FunctionExpression(f) => f.id.as_ref().is_some_and(|id| id.name == self.d.variable()),
            _ => false,
        };
        if is_named_so {
            return Some((Use::Add, Trust::Certain));
        }
        self.d.mentions(callback.span()).then_some((Use::Add, Trust::Certain))
    }

    fn of_assignment(&self, id: NodeId, assignment: &AssignmentExpression<'a>) -> Option<(Use, Trust)> {
        let right = assignment.right.get_inner_expression();
        let forgets = right.is_undefined() || right.is_void_0();
        // A step down, or up, adds nothing.
        let is_step = matches!(right, Expression::StaticMemberExpression(_) | Expression::ComputedMemberExpression(_));
        match &assignment.left {
            AssignmentTarget::StaticMemberExpression(_) if is_step && self.holder == Holder::Chain => return None,
            AssignmentTarget::ComputedMemberExpression(e) => {
                if let Some(trust) = self.d.is_owner(&e.object) {
                    return Some((if forgets { Use::Remove } else { Use::Add }, trust));
                }
            }
            AssignmentTarget::StaticMemberExpression(e) => {
                if let Some(trust) = self.d.is_owner(&e.object) {
                    return Some(match assignment.operator {
                        _ if e.property.name == "length" => (Use::Remove, trust),
                        AssignmentOperator::LogicalNullish | AssignmentOperator::LogicalOr => (Use::Add, trust),
                        _ => (Use::Store, trust),
                    });
                }
                if self.holder == Holder::Chain
                    && self.d.of_target(&assignment.left).is_none()
                    && let Some(trust) = self.d.hangs_below_holder(&e.object)
                {
                    return Some((Use::Store, trust));
                }
            }
            _ => {}
        }
        let meaning = self.d.of_target(&assignment.left)?;
        let trust = meaning.trust;
        let is_first = || self.is_top_level(id) || self.is_in_constructor(id) || self.is_first_value(assignment);
        if meaning.steps != self.d.all_steps() {
            return (self.d.is_holder_of_members(meaning.steps) && is_first()).then_some((Use::Declare, trust));
        }
        // A variable that only stood for the owner stands for something else from here on.
        if let AssignmentTarget::AssignmentTargetIdentifier(target) = &assignment.left
            && !self.d.is_own_variable(target)
        {
            return None;
        }
        match assignment.operator {
            AssignmentOperator::Addition => return Some((Use::Add, trust)),
            // What is made when it is missing is declared there.
            AssignmentOperator::LogicalNullish | AssignmentOperator::LogicalOr => return Some((Use::Declare, trust)),
            AssignmentOperator::Assign => {}
            _ => return None,
        }
        if is_step {
            return None;
        }
        if self.mentions_owner(right) {
            let what = if is_part_of_itself(right) { Use::Remove } else { Use::Add };
            return Some((what, trust));
        }
        Some((if is_first() { Use::Declare } else { Use::Remove }, trust))
    }

    /// Whether a variable that is declared without a value gets its first one here.
    fn is_first_value(&self, assignment: &AssignmentExpression<'a>) -> bool {
        let Some(symbol) = self.d.symbol else { return false };
        let AssignmentTarget::AssignmentTargetIdentifier(_) = &assignment.left else { return false };
        let scoping = self.d.semantic.scoping();
        let declaration = self.d.semantic.nodes().kind(scoping.symbol_declaration(symbol));
        let is_bare = matches!(declaration, AstKind::VariableDeclarator(d) if d.init.is_none());
        let writes = scoping.get_resolved_references(symbol).filter(|r| r.is_write());
        let first = writes.map(|r| self.d.semantic.reference_span(r).start).min();
        is_bare && first == Some(assignment.left.span().start)
    }

    /// Whether something within `expression` means the owner, so that what was there stays.
    fn mentions_owner(&self, expression: &Expression<'a>) -> bool {
        let span = expression.span();
        self.d.semantic.nodes().iter().any(|node| {
            let at = node.kind().span();
            if at.start < span.start || at.end > span.end {
                return false;
            }
            match node.kind() {
                AstKind::IdentifierReference(id) => self.d.identifier_is_owner(id),
                AstKind::StaticMemberExpression(e) => self.d.property_is_owner(&e.object, &e.property.name),
                AstKind::PrivateFieldExpression(e) => {
                    self.d.property_is_owner(&e.object, &format!("#{}", e.field.name))
                }
                _ => false,
            }
        })
    }

    fn of_deleted(&self, argument: &Expression<'a>) -> Option<Trust> {
        let object = match argument {
            Expression::ComputedMemberExpression(e) => &e.object,
            Expression::StaticMemberExpression(e) => &e.object,
            Expression::ChainExpression(e) => e.expression.member_expression()?.object(),
            _ => return None,
        };
        self.d.is_owner(object).or_else(|| self.d.is_owner(argument))
    }

    fn is_top_level(&self, id: NodeId) -> bool {
        !self.d.semantic.nodes().ancestor_kinds(id).any(|kind| kind.is_function_like())
    }

    fn is_in_constructor(&self, id: NodeId) -> bool {
        use oxc_ast::ast::MethodDefinitionKind;
        let mut kinds = self.d.semantic.nodes().ancestor_kinds(id);
        let is_constructor = |kind: AstKind<'_>| matches!(kind, AstKind::MethodDefinition(m) if m.kind == MethodDefinitionKind::Constructor);
        let function = kinds.find(|kind| kind.is_function_like());
        match function {
            // Functions that are called with `new` begin with a capital letter.
            Some(AstKind::Function(f)) if f.id.as_ref().is_some_and(|id| id.name.starts_with(char::is_uppercase)) => {
                true
            }
            Some(AstKind::Function(_)) => kinds.next().is_some_and(is_constructor),
            _ => false,
        }
    }

    /// Where the owner is declared: its property, or its variable.
    fn declared(&self, found: &[Found], adds: &[&Found]) -> Option<(Span, bool)> {
        if self.d.last_named_step().is_some() {
            let nearest = |f: &&Found| adds.first().map_or(0, |a| a.span.start.abs_diff(f.span.start));
            let best = found
                .iter()
                .filter(|f| f.what == Use::Declare)
                .min_by_key(|f| (std::cmp::Reverse(f.trust), nearest(f), f.span.start));
            if let Some(best) = best {
                return Some((best.span, best.trust == Trust::Certain));
            }
        }
        let symbol = self.d.symbol?;
        let nodes = self.d.semantic.nodes();
        let declaration = self.d.semantic.scoping().symbol_declaration(symbol);
        let span = match nodes.kind(declaration) {
            AstKind::VariableDeclarator(_) => match nodes.parent_kind(declaration) {
                AstKind::VariableDeclaration(all) if all.declarations.len() == 1 => all.span,
                _ => nodes.kind(declaration).span(),
            },
            // Of a class or a function its head says enough.
            AstKind::Class(c) => Span::new(c.span.start, c.body.span.start),
            AstKind::Function(f) => Span::new(f.span.start, f.params.span.end),
            kind => kind.span(),
        };
        Some((span, true))
    }
}

/// What a call of `method` does.
fn uses_of_method(method: &str, call: &CallExpression<'_>) -> Vec<Use> {
    if method == "splice" {
        let removes_none = call.arguments.get(1).and_then(Argument::as_expression).is_some_and(Expression::is_number_0);
        let mut uses = Vec::new();
        if call.arguments.len() > 2 {
            uses.push(Use::Add);
        }
        if !removes_none {
            uses.push(Use::Remove);
        }
        return uses;
    }
    match method {
        _ if is_add(method) => vec![Use::Add],
        _ if is_remove(method) => vec![Use::Remove],
        _ => Vec::new(),
    }
}

/// Whether the outermost call gives a part of what it is called on.
fn is_part_of_itself(expression: &Expression<'_>) -> bool {
    let Expression::CallExpression(call) = expression else { return false };
    let Expression::StaticMemberExpression(e) = call.callee.get_inner_expression() else { return false };
    ["filter", "slice", "splice", "subarray", "toSpliced", "difference"].contains(&e.property.name.as_str())
}
