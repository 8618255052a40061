"""GenerateProject: from requirements to an application that was proven to run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

from headwater.pipeline.tidy import tidy
from headwater.projects import Order
from headwater.projects.filling import Filling, fill
from headwater.projects.flow import Seams, generate
from headwater.projects.proposing import Asked, improve
from headwater.proof import Rung
from headwater.rpc import Emit, Tools
from headwater.rpc.project_requests import Checked, check
from headwater.rpc.project_steps import Translator, past_of
from headwater.synthesis.project.files import File, Plan
from headwater.synthesis.project.python import WIDTH
from headwater.v1 import generate_project_pb2 as pb


async def generate_project(request: pb.GenerateProjectRequest, emit: Emit, tools: Tools) -> None:
    """Generates a project from requirements, phase by phase, and streams each file and each proof."""
    checked = await asyncio.to_thread(check, request)
    seams = await _seams(checked, emit, tools)
    if not emit.past:
        await emit(_start(checked, emit.run))
    translator = Translator(emit, tools, emit.run)
    past = past_of(emit.past, emit.attempt)
    async with emit.turn(), aclosing(generate(checked.order, seams, past)) as steps:
        async for step in steps:
            await translator.tell(step)


async def _seams(checked: Checked, emit: Emit, tools: Tools) -> Seams:
    order = checked.order
    model = await asyncio.to_thread(tools.model, checked.vendors, emit.owner) if checked.vendors else None
    asked = None
    if model is not None:
        asked = Asked(
            model=model, requirements=order.requirements, attempts=tools.limits.max_attempts, strict=checked.strict
        )
    earlier = order.previous.hooks if order.previous else ()
    filling = Filling(
        rehearse=tools.rehearse,
        tidy=partial(tidy, line_length=WIDTH),
        requirements=order.requirements,
        model=model,
        strict=checked.strict,
        earlier=earlier,
    )
    return Seams(
        improve=partial(improve, asked) if asked else None,
        fill=partial(fill, filling) if model is not None or earlier else None,
        prove=None if order.proof == "none" else partial(_prove, tools, order),
    )


def _prove(tools: Tools, order: Order, files: Sequence[File], plan: Plan) -> AsyncGenerator[Rung]:
    return tools.prove(files, plan, order.proof)


def _start(checked: Checked, project: str) -> pb.GenerateProjectEvent:
    order = checked.order
    vendor, _, model = order.provider.partition(":")
    start = pb.GenerateProjectStart(
        project_id=project,
        provider=vendor,
        model=model,
        seed=order.options.seed,
        proof=order.proof,
        requirement_characters=len(order.requirements) + len(order.description),
    )
    return pb.GenerateProjectEvent(start=start)
