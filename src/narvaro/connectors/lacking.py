"""What a connector answers where its platform's interface has no such thing: a person is told what to do instead."""

from __future__ import annotations

from narvaro.connectors.port import Account, FoundAccount, FoundPost, Misconfigured


class Lacking:
    """The parts of the port that few of the commercial platforms give. Each connector replaces what its own does."""

    name = "Plattformen"

    def hide(self, account: Account, remote_id: str) -> None:
        raise Misconfigured(f"{self.name} låter inte Närvaro dölja svar. Gör det i plattformens egen app.")

    def show(self, account: Account, remote_id: str) -> None:
        """Nothing is hidden there by us, so there is nothing to take back."""

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        return False

    def block(self, account: Account, author_remote_id: str) -> None:
        raise Misconfigured(f"{self.name} låter inte Närvaro blockera konton. Blockera i plattformens egen app.")

    def unblock(self, account: Account, author_remote_id: str) -> None:
        raise Misconfigured(f"{self.name} låter inte Närvaro häva blockeringar. Häv den i plattformens egen app.")

    def is_blocked(self, account: Account, author_remote_id: str) -> bool:
        return False

    def search_accounts(self, account: Account, words: str, *, most: int = 25) -> tuple[FoundAccount, ...]:
        raise Misconfigured(f"Det går inte att söka efter konton på {self.name} härifrån.")

    def search_posts(self, account: Account, words: str, *, most: int = 40) -> tuple[FoundPost, ...]:
        raise Misconfigured(f"Det går inte att söka bland inlägg på {self.name} härifrån.")
