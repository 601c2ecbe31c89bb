"""Buttons that move a domain if its gate passes, and the dialog for the reason."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from backend_clients.migration.models import FlagChange, Verdict
from backend_clients.migration.service import DomainStatus, GateRefused, MigrationService
from backend_clients.settings import Settings
from streamlit_app.migration.view_model import LOAD_ERRORS, clear_caches
from streamlit_app.migration.wording import with_commands, without_folders
from streamlit_app.session.maintainer import signed_in
from streamlit_app.session.site import Key
from streamlit_app.shared.markdown_escape import caption, escape_markdown

SHARES: Final = (10, 25, 50, 100)
WHO: Final = "migration page"
_MAX_REASON: Final = 300


@dataclass(frozen=True)
class Move:
    """A change without a reason yet: to a stage for a share of the visitors, or back.

    `seen` is the rollout when the change was chosen, or "" if it was unknown.
    """

    domain: str
    seen: str
    target: str = ""
    percent: int = 100

    @property
    def words(self) -> str:
        if not self.target:
            return f"Take {self.domain} one step back"
        share = "everyone" if self.percent == 100 else f"{self.percent} % of the visitors"
        return f"Move {self.domain} to {self.target} for {share}"


def draw_controls(status: DomainStatus) -> None:
    """Draw the buttons forward, which is disabled unless the gate passes, and back."""
    gate = status.gate
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if gate is not None:
            percent = st.segmented_control(
                "Share of the visitors",
                SHARES,
                default=SHARES[-1],
                required=True,
                format_func=lambda share: f"{share} %",
                key=f"{Key.SHARE}-{status.domain}",
            )
            target = gate.target.value
            st.button(
                f"Move to {target}",
                icon=":material/arrow_forward:",
                disabled=gate.verdict is not Verdict.PASS,
                on_click=_choose,
                args=(Move(status.domain, status.shares, target, percent or SHARES[-1]),),
            )
        _draw_way_back(Move(status.domain, status.shares), closed=status.shares == status.stages[0])
    if gate is not None and gate.verdict is not Verdict.PASS:
        caption("Moving forward is disabled until the gate above passes.")


def draw_way_back(domain: str, shares: str) -> None:
    """Draw the button back, for a domain whose status cannot be loaded."""
    _draw_way_back(Move(domain, shares), closed=False)


def draw_chosen_move(service: MigrationService, settings: Settings) -> None:
    """Open the dialog of the chosen move, and show the result of the last one."""
    if done := st.session_state.pop(Key.MOVED, None):
        _say_done(*done)
    move = st.session_state.get(Key.MOVE)
    if isinstance(move, Move) and signed_in(settings):
        ask_why = st.dialog("Why this change?", icon=":material/flag:", on_dismiss=_forget_move)(_ask_why)
        ask_why(service, settings, move)


def _draw_way_back(move: Move, *, closed: bool) -> None:
    st.button(
        "Step back",
        icon=":material/undo:",
        disabled=closed,
        help="Always allowed; takes effect at once",
        on_click=_choose,
        args=(move,),
    )


def _choose(move: Move) -> None:
    st.session_state[Key.MOVE] = move


def _forget_move() -> None:
    st.session_state.pop(Key.MOVE, None)


def _ask_why(service: MigrationService, settings: Settings, move: Move) -> None:
    st.markdown(f"**{escape_markdown(move.words)}.** Now: {escape_markdown(move.seen or 'unknown')}.")
    with st.form("reason", border=False):
        reason = st.text_input("Reason", max_chars=_MAX_REASON, help="Kept in the history of changes")
        with st.container(horizontal=True, gap="xsmall"):
            agreed = st.form_submit_button("Change")
            left = st.form_submit_button("Cancel")
    if left:
        _forget_move()
        st.rerun()
    if not agreed:
        return
    reason = " ".join((reason or "").split())
    if not reason:
        st.error("Give a reason: it is kept in the history of changes.", icon=":material/edit_note:")
    elif not signed_in(settings):
        st.error("You are signed out.", icon=":material/lock:")
    elif change := _make(service, move, reason):
        st.session_state[Key.MOVED] = change, "" if move.target else service.unsynced_data(move.domain)
        _forget_move()
        clear_caches()
        st.rerun()


def _make(service: MigrationService, move: Move, reason: str) -> FlagChange | None:
    """Make the change, or show why it failed and return None."""
    try:
        if move.seen and (now := service.shares(move.domain)) != move.seen:
            st.error(
                f"It was changed in the meantime: it is at {escape_markdown(now)} now.", icon=":material/sync_problem:"
            )
            return None
        if move.target:
            return service.set_stage(move.domain, move.target, move.percent, reason=reason, who=WHO)
        return service.rollback(move.domain, reason=reason, who=WHO)
    except GateRefused as refused:
        lines = "\n".join(f"- {with_commands(without_folders(line))}" for line in refused.report.reasons)
        st.error(f"The gate does not pass:\n\n{lines}", icon=":material/block:")
    except LOAD_ERRORS as error:
        st.error(escape_markdown(without_folders(str(error))), icon=":material/error:")
    return None


def _say_done(change: FlagChange, unsynced: str) -> None:
    st.success(
        f"{escape_markdown(change.domain)}: {escape_markdown(change.before)} :material/arrow_forward: "
        f"{escape_markdown(change.after)}. "
        "The site follows within a second.",
        icon=":material/check_circle:",
    )
    if change.unrecorded:
        st.warning(
            f"The change was not recorded: {escape_markdown(without_folders(change.unrecorded))}",
            icon=":material/warning:",
        )
    if unsynced:
        st.warning(with_commands(unsynced), icon=":material/warning:")
