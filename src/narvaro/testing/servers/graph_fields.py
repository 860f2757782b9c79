"""The fields, parameters and rights that Meta documents, as far as the local server knows them."""

from __future__ import annotations

from typing import Any

PAGE_SCOPES = (
    "pages_show_list,pages_read_engagement,pages_read_user_content,pages_manage_posts,pages_manage_engagement,"
    "pages_manage_metadata"
)
INSTAGRAM_SCOPES = "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_comments"
THREADS_SCOPES = (
    "threads_basic,threads_content_publish,threads_manage_replies,threads_read_replies,threads_manage_mentions,"
    "threads_delete"
)


def _names(text: str) -> dict[str, Any]:
    return dict.fromkeys(text.split())


_WHO = _names("id name")
_ATTACHED: dict[str, Any] = {
    **_names("media_type type url title description target"),
    "media": {**_names("source"), "image": _names("src height width")},
}
POST: dict[str, Any] = {
    **_names(
        "id message story created_time updated_time permalink_url status_type is_hidden is_published shares comments "
        "reactions message_tags parent_id"
    ),
    "from": _WHO,
    "attachments": {**_ATTACHED, "subattachments": _ATTACHED},
}
COMMENT: dict[str, Any] = {
    **_names(
        "id message created_time permalink_url is_hidden can_hide can_remove like_count comment_count message_tags"
    ),
    "from": _WHO,
    "parent": _names("id"),
    "attachment": _ATTACHED,
}
PAGE = _names("id name username about link website emails phone description access_token tasks category")
PHOTO = _names("id alt_text alt_text_custom link created_time name")
BLOCKED = _names("id name")

IG_USER = _names("id user_id username name biography website profile_picture_url account_type media_count")
_IG_FILE = _names("id media_type media_url thumbnail_url alt_text permalink timestamp username owner")
IG_MEDIA: dict[str, Any] = {
    **_IG_FILE,
    **_names("caption comments_count like_count media_product_type shortcode is_comment_enabled"),
    "children": _IG_FILE,
}
_IG_COMMENT = {
    **_names("id text timestamp username hidden like_count parent_id user"),
    "from": _names("id username"),
    "media": _names("id media_product_type"),
}
IG_COMMENT: dict[str, Any] = {**_IG_COMMENT, "replies": _IG_COMMENT}
IG_CONTAINER = _names("id status status_code copyright_check_status")
LIMIT = _names("config quota_usage")

TH_USER = _names("id username name threads_profile_picture_url threads_biography is_verified")
_TH_FILE = _names("id media_type media_url thumbnail_url alt_text")
TH_MEDIA: dict[str, Any] = {
    **_TH_FILE,
    **_names(
        "media_product_type permalink owner username text timestamp shortcode is_quote_post quoted_post reposted_post "
        "has_replies root_post replied_to is_reply is_reply_owned_by_me hide_status reply_audience link_attachment_url "
        "gif_url topic_tag"
    ),
    "children": _TH_FILE,
}
TH_CONTAINER = _names("id status error_message")
TH_LIMIT = _names("quota_usage config reply_quota_usage reply_config")
