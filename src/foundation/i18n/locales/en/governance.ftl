problem-not-your-function-title = That function is another institution's
problem-not-your-function-detail = In this programme what you try belongs to the function "{ $function }", which your institution has not. Ask the one that has it, or the strategic direction to appoint yours.
problem-not-the-appointed-title = Another institution is appointed
problem-not-the-appointed-detail = Only the appointed institution answers. Wait for its answer, or take the appointment back.
problem-appointed-already-title = It is appointed already
problem-appointed-already-detail = That appointment has changed. Read it again before you try anything else.
problem-funds-not-free-title = Those funds are not free
problem-funds-not-free-detail = What is reserved for calls or committed to projects is not taken back. { $free } are free.

field-no-such-institution = We found no such institution. Check what you wrote.
field-appointed-already = The institution has that function already, or has not answered the appointment before.
field-not-a-weakness-of-the-model = This is no known weakness of this kind of coordination. Leave it out, or change the kind.

weakness-political-swings = Political swings: what one government begins the next one ends.
weakness-private-distrust = Distrust of the private sector.
weakness-hard-to-control = It is hard to control, to reward and to punish.
weakness-hard-to-create = It is hard to create: public and private sector must agree.
weakness-sustainability = Sustainability: to stay alive once the first funds are spent.
weakness-continuity = Continuity and accumulated knowledge: what was learnt leaves with the people.
