"""Groups and channels for tests of the sandbox, by raw HTTP."""

from sandbox_http import ADA

BOT = 42
BORIS, CLARA = 1002, 1003


async def add(world, kind="supergroup", **more):
    """Found a chat of Ada's, with Boris as a member; give its id."""
    if BORIS not in {person["id"] for person in (await world.control("people"))[1]["people"]}:
        await world.do("people", {"first_name": "Boris", "id": BORIS})
        await world.do("people", {"first_name": "Clara", "id": CLARA})
    body = {"kind": kind, "title": "House", "owner": ADA, "members": [BORIS], **more}
    return (await world.do("chats", body))["id"]


async def set_member(world, chat, status, user="bot", **more):
    return await world.do("chats/member", {"chat": chat, "user": user, "status": status, **more})


async def say(world, chat, text, person=BORIS, **more):
    return await world.do("send", {"person": person, "chat": chat, "text": text, **more})


async def fresh(world, **arguments):
    """Give the updates that wait, each as (kind, content), and confirm them."""
    updates = await world.updates(**arguments)
    if updates:
        await world.updates(offset=updates[-1]["update_id"] + 1)
    return [next(item for item in update.items() if item[0] != "update_id") for update in updates]


async def heard(world):
    """The texts that came since the last time."""
    return [content["text"] for _, content in await fresh(world) if "text" in content]
