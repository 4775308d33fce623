//! Files, and messages that are passed on.

use crate::bot::{Bot, PATIENCE, ana, peer};
use peers::telegram::{Content, Media, Membership, Rights, Saying};
use serde_json::json;

#[tokio::test]
async fn a_persons_file_is_shown_to_staff_by_reference() {
    let peer = peer();
    let ana = ana(&peer).await;
    let forum = peer.add_forum("Staff", &[ana]);
    peer.bot_is(ana, forum, Membership::Administrator(Rights::all()));
    let thread = peer.open_topic(ana, forum, "case 1");
    let bot = Bot::of(&peer);
    let photo = Media::photo(5000).caption("is this yours?");
    let id = peer.post(ana, ana.chat(), Saying::media(photo));
    let heard = bot.updates(-1).await[0]["message"]["photo"].clone();
    let file = heard[1]["file_id"].as_str().unwrap();
    let sent = bot
        .call(
            "sendPhoto",
            json!({"chat_id": forum.0, "message_thread_id": thread, "photo": file,
                   "caption": "<b>Ana</b> sent this", "parse_mode": "HTML"}),
        )
        .await
        .ok();
    assert_eq!(sent["photo"], heard, "it is the same file");
    assert_eq!(sent["caption"], "Ana sent this");
    let pass = json!({"chat_id": forum.0, "from_chat_id": ana.0, "message_id": id,
                      "message_thread_id": thread});
    let forwarded = bot.call("forwardMessage", pass.clone()).await.ok();
    assert_eq!(forwarded["forward_origin"]["sender_user"]["id"], ana.0);
    assert_eq!(forwarded["caption"], "is this yours?");
    let copied = bot.call("copyMessage", pass).await.ok()["message_id"].as_i64().unwrap();
    let copy = peer.message(forum, copied).unwrap();
    assert_eq!((copy.forwarded, copy.text()), (None, "is this yours?"));
    let as_document = json!({"chat_id": forum.0, "document": file});
    assert_eq!(bot.call("sendDocument", as_document).await.status, 400);
    let unknown = json!({"chat_id": forum.0, "photo": "FILE99_"});
    assert_eq!(
        bot.call("sendPhoto", unknown).await.refused().1,
        "Bad Request: wrong file identifier/HTTP URL specified"
    );
    peer.assert_content();
}

#[tokio::test]
async fn files_are_uploaded_and_fetched() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let head = "Content-Disposition: form-data; name=";
    let body = format!(
        "--XX\r\n{head}\"chat_id\"\r\n\r\n{}\r\n--XX\r\n{head}\"document\"\r\n\r\n\
         attach://f1\r\n--XX\r\n{head}\"f1\"; filename=\"list.csv\"\r\n\
         Content-Type: text/csv\r\n\r\na,b\r\n--XX--\r\n",
        ana.0
    );
    let kind = "multipart/form-data; boundary=XX";
    let sent = bot.send("sendDocument", kind, body.into()).await.unwrap().ok();
    let Content::Media(media) = peer.next_sent(PATIENCE).unwrap().content else {
        panic!("no file")
    };
    assert_eq!((media.name.as_str(), media.mime.as_str(), media.size), ("list.csv", "text/csv", 3));
    let asked = json!({"file_id": sent["document"]["file_id"]});
    let file = bot.call("getFile", asked).await.ok();
    assert_eq!(file["file_size"], 3);
    let path = file["file_path"].as_str().unwrap();
    assert_eq!(bot.download(path).await.unwrap().text.len(), 3);
    let big = Media::document("big.zip", "application/zip", 21 << 20);
    peer.post(ana, ana.chat(), Saying::media(big));
    let id = bot.updates(-1).await[0]["message"]["document"]["file_id"].clone();
    let (_, what) = bot.call("getFile", json!({"file_id": id})).await.refused();
    assert_eq!(what, "Bad Request: file is too big");
    peer.assert_content();
}
