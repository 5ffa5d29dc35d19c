// Replies wait for the commit of the turn that made them (I1): also refusals, since they may rest on what the turn is about to write.
#pragma once
#include "engine/actor.h"

namespace insula::engine {

template <class T>
void TenantActor::reply_after(std::shared_ptr<Reply<T>> reply, Result<T> result) {
  if (!reply || !*reply) return;
  turn_.after([reply = std::move(reply), result = std::move(result)](const Error* error) mutable {
    if (error != nullptr) (*reply)(fail(*error));
    else (*reply)(std::move(result));
  });
}

}  // namespace insula::engine
