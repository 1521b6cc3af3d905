// A map from 32-bit keys that one thread changes while others look things up, without locks: a lookup is one hash and
// a few loads, whatever the writer does meanwhile. Values are shared and seen as they were when they were set, or as
// their own atomics say.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "hal/base/epochs.h"

namespace sw {

template <typename Value>
class PublishedMap {
 public:
  explicit PublishedMap(Epochs& epochs) : epochs_(epochs), writer_(std::make_shared<Table>(kSmallest)) {
    table_.store(writer_.get());
  }
  PublishedMap(const PublishedMap&) = delete;
  PublishedMap& operator=(const PublishedMap&) = delete;

  // A reader, between its Enter and Leave. The value stays until then.
  Value* Find(std::uint32_t key) const {
    const Table& table = *table_.load(std::memory_order_seq_cst);
    for (std::size_t i = table.Home(key);; i = table.Next(i)) {
      const Node* node = table.slots[i].load(std::memory_order_seq_cst);
      if (node == nullptr) return nullptr;
      if (node->key == key && node->value != nullptr) return node->value.get();
    }
  }

  // The writer.
  void Set(std::uint32_t key, std::shared_ptr<Value> value) {
    if ((writer_->used + 1) * 2 > writer_->slots.size()) Rebuild();
    auto node = std::make_shared<Node>(Node{key, std::move(value)});
    std::size_t i = Place(key);
    std::shared_ptr<Node>& mine = writer_->nodes[i];
    if (mine == nullptr) ++writer_->used;
    if (mine == nullptr || mine->value == nullptr) ++size_;
    writer_->slots[i].store(node.get());
    epochs_.Retire(std::exchange(mine, std::move(node)));
  }
  void Erase(std::uint32_t key) {
    const std::size_t i = Place(key);
    std::shared_ptr<Node>& mine = writer_->nodes[i];
    if (mine == nullptr || mine->value == nullptr) return;
    --size_;
    auto gone = std::make_shared<Node>(Node{key, nullptr});  // lookups go on past it
    writer_->slots[i].store(gone.get());
    epochs_.Retire(std::exchange(mine, std::move(gone)));
  }
  void Clear() {
    size_ = 0;
    Replace(std::make_shared<Table>(kSmallest));
  }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kSmallest = 64;
  struct Node {
    std::uint32_t key;
    std::shared_ptr<Value> value;  // null: erased
  };
  struct Table {
    explicit Table(std::size_t size) : mask(size - 1), slots(size), nodes(size) {}
    std::size_t Home(std::uint32_t key) const {
      return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15ULL >> 32) & mask;
    }
    std::size_t Next(std::size_t i) const { return (i + 1) & mask; }
    const std::size_t mask;                    // the size is a power of two
    std::vector<std::atomic<Node*>> slots;     // what readers see
    std::vector<std::shared_ptr<Node>> nodes;  // the writer's: who owns them
    std::size_t used = 0;                      // slots that hold a node, erased ones too
  };

  // The slot of `key`, or the free one where it belongs.
  std::size_t Place(std::uint32_t key) const {
    std::size_t i = writer_->Home(key);
    while (writer_->nodes[i] != nullptr && writer_->nodes[i]->key != key) i = writer_->Next(i);
    return i;
  }
  void Rebuild() {
    std::size_t size = kSmallest;
    while (size < (size_ + 1) * 4) size *= 2;
    auto table = std::make_shared<Table>(size);
    for (const std::shared_ptr<Node>& node : writer_->nodes) {
      if (node == nullptr || node->value == nullptr) continue;
      std::size_t i = table->Home(node->key);
      while (table->nodes[i] != nullptr) i = table->Next(i);
      table->slots[i].store(node.get(), std::memory_order_relaxed);
      table->nodes[i] = node;
      ++table->used;
    }
    Replace(std::move(table));
  }
  void Replace(std::shared_ptr<Table> table) {
    table_.store(table.get());
    epochs_.Retire(std::exchange(writer_, std::move(table)));
  }

  Epochs& epochs_;
  std::shared_ptr<Table> writer_;
  std::atomic<Table*> table_;
  std::size_t size_ = 0;
};

}  // namespace sw
