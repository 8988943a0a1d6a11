// Actions as this page last heard of them, and hearing of each change.
import { print } from 'graphql';
import { useEffect, useState } from 'react';
import { follow } from '../../resume.mjs';
import { client } from '../api/client';
import { type Fault, faultOf } from '../api/faults';
import { socket } from '../api/socket';
import { store, useStore } from '../api/store';
import { ActionDocument, type ActionFragment, ActionUpdatedDocument, type ActionUpdatedSubscription } from '../generated/graphql';

export type Action = ActionFragment;
export type Step = Action['steps'][number];

interface Heard {
  readonly action: Action | null;
  /** How many messages the subscription brought: an answer that was overtaken by one says nothing new. */
  readonly messages: number;
}

const heard = store<Readonly<Record<string, Heard>>>({});
const AGAIN_MS = 2_000;

function set(id: string, now: Heard): void {
  heard.set({ ...heard.get(), [id]: now });
}

export const messagesOf = (id: string): number => heard.get()[id]?.messages ?? 0;

/** Takes what an answer said of an action, unless the subscription brought news since `messages` were counted. */
export function remember(action: Action, messages = messagesOf(action.id)): void {
  if (messages === messagesOf(action.id)) set(action.id, { action, messages });
}

/** The action as it is, followed; null where the caller has none of this id, undefined until that is known. */
export function useAction(id: string): { readonly action: Action | null | undefined; readonly fault: Fault | null } {
  const found = useStore(heard)[id];
  const [fault, setFault] = useState<Fault | null>(null);
  useEffect(() => {
    let pause: ReturnType<typeof setTimeout> | undefined;
    let following = { stop() {} };
    const look = async () => {
      const before = messagesOf(id);
      try {
        const { data } = await client.query({ query: ActionDocument, variables: { id }, fetchPolicy: 'no-cache' });
        setFault(null);
        if (data?.action) remember(data.action, before);
        else if (data && !heard.get()[id]) set(id, { action: null, messages: 0 });
      } catch (error) {
        setFault(faultOf(error));
      }
    };
    const begin = () => {
      following = follow<ActionUpdatedSubscription>(
        socket,
        { query: print(ActionUpdatedDocument), variables: { id } },
        {
          next({ data }) {
            const node = data?.actionUpdated?.node;
            if (!node) return;
            setFault(null);
            set(id, { action: node, messages: messagesOf(id) + 1 });
          },
          gap: () => void look(),
          error() {
            // As where the socket introduced itself with a session that is over: another one, and what was missed.
            pause = setTimeout(() => {
              void look();
              begin();
            }, AGAIN_MS);
          },
          complete() {},
        },
      );
    };
    if (!heard.get()[id]) void look();
    begin();
    return () => {
      clearTimeout(pause);
      following.stop();
    };
  }, [id]);
  return { action: found?.action, fault };
}
