# Letters (e-mails): what happened and where to look, nothing else.
letter-notices-subject = Eslabón: { $count } pieces of news
letter-notices-for = News for { $organisation }:
letter-notices-more = And { $count } more in your inbox:
letter-notices-how = You choose of what you are told, and how, here:
letter-invitation-subject = { $organisation } invites you to Eslabón
letter-invitation-text = { $organisation } invites you to take part in Eslabón, the service for supplier development of its programme. The invitation works for a week, once. If you did not expect it, do nothing. To accept it:
letter-reset-subject = A new password for your account
letter-reset-text = Somebody asked to replace the password of your account at Eslabón. If it was not you, do nothing: your password still works. If it was, choose another one here, within an hour:
problem-mail-unavailable-title = E-mail does not go out now
problem-mail-unavailable-detail = The mail server did not take the letter. It is tried again.
