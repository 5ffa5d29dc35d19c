// Replies wait for the commit of the turn that made them (I1): also refusals, since they may rest on what the turn is about to write.
#pragma once
#include "engine/actor.h"

namespace insula::engine {

// The first answer counts and uses the reply up.
template <class T>
void settle(const std::shared_ptr<Reply<T>>& reply, Result<T> result) {
  if (!reply || !*reply) return;
  Reply<T> call = std::exchange(*reply, nullptr);
  call(std::move(result));
}

template <class T>
std::function<void(const Error&)> refusal_to(const std::shared_ptr<Reply<T>>& reply) {
  return [reply](const Error& error) { settle<T>(reply, fail(error)); };
}

template <class T>
void TenantActor::reply_after(std::shared_ptr<Reply<T>> reply, Result<T> result) {
  if (!reply || !*reply) return;
  turn_.after([reply = std::move(reply), result = std::move(result)](const Error* error) mutable {
    if (error != nullptr) settle<T>(reply, fail(*error));
    else settle<T>(reply, std::move(result));
  });
}

}  // namespace insula::engine
